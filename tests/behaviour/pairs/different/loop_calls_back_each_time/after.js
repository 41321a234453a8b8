const db = require('./db');

function saveAll(items, cb) {
  let index = 0;
  for (const item of items) {
    db.put(item, (err) => (err ? cb(err) : ++index));
    cb(null, index);
  }
}

exports.saveAll = saveAll;
