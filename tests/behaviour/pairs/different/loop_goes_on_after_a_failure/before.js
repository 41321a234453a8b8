const db = require('./db');

function saveAll(items, cb) {
  let index = 0;
  next();
  function next() {
    if (index === items.length) return cb(null, index);
    db.put(items[index++], function (err) {
      if (err) return cb(err);
      next();
    });
  }
}

exports.saveAll = saveAll;
