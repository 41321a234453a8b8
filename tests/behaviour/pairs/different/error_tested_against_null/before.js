const db = require('./db');

exports.find = (id) =>
  new Promise((resolve, reject) => {
    db.find(id, (err, row) => {
      if (err) reject(err);
      else resolve(row);
    });
  });
