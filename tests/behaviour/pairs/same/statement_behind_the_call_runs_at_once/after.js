const db = require('./db');
const util = require('util');

function save(item, cb) {
  const put = util.callbackify(() => util.promisify(db.put.bind(db))(item));
  put(cb);
  db.log(item);
}

exports.save = save;
