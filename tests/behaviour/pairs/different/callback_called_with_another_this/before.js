const db = require('./db');

class Store {
  save(item, cb) {
    db.put(item, (err, version) => {
      if (err) return cb.call(this, err);
      cb.call(this, null, version);
    });
  }
}

module.exports = Store;
