const db = require('./db');

function find(id, cb) {
  db.find(id, function (err, row) {
    if (err) throw err;
    if (!row) throw new Error('nothing');
    cb(null, row.name);
  });
}

exports.find = find;
