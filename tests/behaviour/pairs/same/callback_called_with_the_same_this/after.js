const db = require('./db');
const util = require('util');

class Store {
  save(item, cb) {
    util.callbackify(Store.prototype.saveAsync).call(this, item, cb);
  }

  async saveAsync(item) {
    return util.promisify(db.put.bind(db))(item);
  }
}

module.exports = Store;
