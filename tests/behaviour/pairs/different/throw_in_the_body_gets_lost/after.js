const db = require('./db');
const util = require('util');

function find(id, cb) {
  util.callbackify(findAsync)(id, cb);
}

async function findAsync(id) {
  const row = await util.promisify(db.find.bind(db))(id);
  if (!row) return undefined;
  return row.name;
}

exports.find = find;
exports.findAsync = findAsync;
