const util = require('util');
const db = require('./db');
function both(id, cb) {
  util.callbackify(bothAsync)(id, cb);
}

async function bothAsync(id) {
  const user = await util.promisify(db.user.bind(db))(id);
  const orders = await util.promisify(db.orders.bind(db))(id);
  return { user, orders };
}

exports.both = both;
exports.bothAsync = bothAsync;
