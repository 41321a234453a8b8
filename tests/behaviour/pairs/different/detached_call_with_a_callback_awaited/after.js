const util = require('util');
const db = require('./db');
function save(item, cb) {
  util.callbackify(saveAsync)(item, cb);
}

async function saveAsync(item) {
  try {
    await util.promisify(db.audit.bind(db))(item);
  } catch (err) {
    db.log(err);
  }
  return util.promisify(db.put.bind(db))(item);
}

exports.save = save;
exports.saveAsync = saveAsync;
