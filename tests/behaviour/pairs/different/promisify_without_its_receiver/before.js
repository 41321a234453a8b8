const db = require('./db');

exports.find = (id) =>
  new Promise((resolve, reject) => {
    db.find(id, (err, row) => (err ? reject(err) : resolve(row)));
  });
