const util = require('util');
const db = require('./db');
function saveAll(items, cb) {
  util.callbackify(saveAllAsync)(items, cb);
}

async function saveAllAsync(items) {
  let index = 0;
  let failed;
  while (index !== items.length) await util.promisify(db.put.bind(db))(items[index++]).catch((err) => (failed = err));
  if (failed) throw failed;
  return index;
}

exports.saveAll = saveAll;
exports.saveAllAsync = saveAllAsync;
