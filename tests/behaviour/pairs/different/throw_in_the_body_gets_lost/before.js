const db = require('./db');

function find(id, cb) {
  db.find(id, function (err, row) {
    if (err) return cb(err);
    if (!row) throw new Error('nothing');
    cb(null, row.name);
  });
}

exports.find = find;
