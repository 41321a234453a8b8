const util = require('util');
const db = require('./db');
function save(item, cb) {
  util.callbackify(saveAsync)(item, cb);
}

async function saveAsync(item) {
  const version = await util.promisify(db.put.bind(db))(item);
  db.log(item);
  return version;
}

exports.save = save;
exports.saveAsync = saveAsync;
