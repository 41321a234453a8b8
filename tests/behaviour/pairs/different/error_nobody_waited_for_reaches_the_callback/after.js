const util = require('util');

function name(id, done) {
  util.callbackify(nameAsync)(id, done);
}

async function nameAsync(id) {
  const user = await load(id);
  log(user.name.first);
  return id;
}

module.exports = name;
