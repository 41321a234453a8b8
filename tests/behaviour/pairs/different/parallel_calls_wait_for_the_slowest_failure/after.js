const util = require('util');
const db = require('./db');
function both(id, cb) {
  util.callbackify(bothAsync)(id, cb);
}

async function bothAsync(id) {
  const [user, orders] = await Promise.allSettled([util.promisify(db.user.bind(db))(id), util.promisify(db.orders.bind(db))(id)]);
  if (user.reason) throw user.reason;
  if (orders.reason) throw orders.reason;
  return { user: user.value, orders: orders.value };
}

exports.both = both;
exports.bothAsync = bothAsync;
