const fs = require('fs');
const { promisify } = require('util');
const db = require('./db');

exports.stat = (path) => promisify(fs.stat)(path);

exports.query = function (sql, values) {
  return promisify(db.query).call(db, sql, values);
};
