const util = require('util');
const db = require('./db');
const userOf = util.promisify(db.user.bind(db));
const ordersOf = util.promisify(db.orders.bind(db));
function order(id, cb) {
  util.callbackify(orderAsync)(id, cb);
}

async function orderAsync(id) {
  const user = await userOf(id);
  const orders = await ordersOf(user);
  return { user, orders };
}

exports.order = order;
exports.orderAsync = orderAsync;
