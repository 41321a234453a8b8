const util = require('util');

class Store {
  constructor(client) {
    this.client = client;
  }

  save(item, cb) {
    util.callbackify(this.saveAsync.bind(this))(item, cb);
  }

  async saveAsync(item) {
    const version = await util.promisify(this.client.put.bind(this.client))(item);
    return [version];
  }
}

module.exports = { Store };
