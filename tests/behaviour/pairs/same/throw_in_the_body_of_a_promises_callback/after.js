const util = require('util');
const find = (id, next) => load(id).then((user) => next(null, user), next);

function name(id, done) {
  util.callbackify(nameAsync)(id, done);
}

async function nameAsync(id) {
  const user = await util.promisify(find)(id);
  return user.name.first;
}

module.exports = name;
