const db = require('./db');
const util = require('util');

function find(id, cb) {
  util.callbackify(findAsync)(id, cb);
}

async function findAsync(id) {
  return new Promise((resolve, reject) => {
    db.find(id, (err, row) => (row ? resolve(row) : reject(err)));
  });
}

exports.find = find;
exports.findAsync = findAsync;
