const util = require('util');
const db = require('./db');
function saveAll(items, cb) {
  util.callbackify(saveAllAsync)(items, cb);
}

async function saveAllAsync(items) {
  let index = 0;
  while (index !== items.length) await util.promisify(db.put.bind(db))(items[index++]);
  return index;
}

exports.saveAll = saveAll;
exports.saveAllAsync = saveAllAsync;
