const util = require('util');
const cache = require('./cache');
function drop(key, cb) {
  util.callbackify(dropAsync)(key, cb || (() => {}));
}

async function dropAsync(key) {
  return util.promisify(cache.remove.bind(cache))(key);
}

exports.drop = drop;
exports.dropAsync = dropAsync;
