const db = require('./db');

function order(id, cb) {
  db.user(id, function (err, user) {
    if (err) return cb(err);
    db.orders(user, function (err, orders) {
      if (err) return cb(err);
      cb(null, { user: user, orders: orders });
    });
  });
}

exports.order = order;
