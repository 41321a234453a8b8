const util = require('util');
const cache = require('./cache');
function drop(key, cb) {
  if (cb) util.callbackify(dropAsync)(key, cb);
  else dropAsync(key);
}

async function dropAsync(key) {
  return util.promisify(cache.remove.bind(cache))(key);
}

exports.drop = drop;
exports.dropAsync = dropAsync;
