const util = require('util');
const db = require('./db');
function save(item, cb) {
  util.callbackify(saveAsync)(item, cb);
}

async function saveAsync(item) {
  db.audit(item, function (err) {
    if (err) db.log(err);
  });
  return util.promisify(db.put.bind(db))(item);
}

exports.save = save;
exports.saveAsync = saveAsync;
