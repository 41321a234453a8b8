const db = require('./db');

function find(id, cb) {
  db.find(id, function (err, row) {
    cb(err || null, row);
  });
}

exports.find = find;
