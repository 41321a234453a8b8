const util = require('util');
const db = require('./db');
const userOf = util.promisify(db.user.bind(db));
const ordersOf = util.promisify(db.orders.bind(db));
function order(id, cb) {
  util.callbackify(orderAsync)(id, cb);
}

async function orderAsync(id) {
  const user = await userOf(id);
  try {
    return { user, orders: await ordersOf(user) };
  } catch (err) {
    throw new Error('no orders');
  }
}

exports.order = order;
exports.orderAsync = orderAsync;
