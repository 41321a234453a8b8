const fs = require('fs');
const db = require('./db');

exports.stat = (path) =>
  new Promise((resolve, reject) => {
    fs.stat(path, (err, stats) => {
      if (err) return reject(err);
      return resolve(stats);
    });
  });

exports.query = function (sql, values) {
  return new Promise(function (resolve, reject) {
    db.query(sql, values, function (err, rows) {
      if (err) reject(err);
      else resolve(rows);
    });
  });
};
