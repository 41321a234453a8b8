const util = require('util');
const db = require('./db');
function save(item, cb) {
  util.callbackify(saveAsync)(item, cb);
}

async function saveAsync(item) {
  db.log(item);
  return util.promisify(db.put.bind(db))(item);
}

exports.save = save;
exports.saveAsync = saveAsync;
