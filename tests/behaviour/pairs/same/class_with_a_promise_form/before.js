class Store {
  constructor(client) {
    this.client = client;
  }

  save(item, cb) {
    this.client.put(item, (err, version) => {
      if (err) return cb(err);
      cb(null, [version]);
    });
  }
}

module.exports = { Store };
