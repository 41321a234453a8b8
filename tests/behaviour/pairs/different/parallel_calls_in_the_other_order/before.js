const db = require('./db');

function both(id, cb) {
  let left = 2;
  let failed = false;
  const found = {};
  db.user(id, function (err, user) {
    if (failed) return;
    if (err) {
      failed = true;
      return cb(err);
    }
    found.user = user;
    if (--left === 0) cb(null, found);
  });
  db.orders(id, function (err, orders) {
    if (failed) return;
    if (err) {
      failed = true;
      return cb(err);
    }
    found.orders = orders;
    if (--left === 0) cb(null, found);
  });
}

exports.both = both;
