const db = require('./db');

function page(id, cb) {
  db.page(id, function (err, rows, more) {
    if (err) return cb(err);
    cb(null, rows, more);
  });
}

exports.page = page;
