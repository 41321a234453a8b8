const util = require('util');
const db = require('./db');
function both(id, cb) {
  util.callbackify(bothAsync)(id, cb);
}

async function bothAsync(id) {
  const [orders, user] = await Promise.all([util.promisify(db.orders.bind(db))(id), util.promisify(db.user.bind(db))(id)]);
  return { user, orders };
}

exports.both = both;
exports.bothAsync = bothAsync;
