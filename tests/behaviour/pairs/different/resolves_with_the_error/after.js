const db = require('./db');

exports.find = (id) =>
  new Promise((resolve) => {
    db.find(id, (err, row) => resolve(err || row));
  });
