const util = require('util');
const find = (id, next) => { load(id).then((user) => next(null, user), next); };

async function name(id, options) {
  const user = await util.promisify(find)(id);
  return user.name.first;
}

module.exports = name;
