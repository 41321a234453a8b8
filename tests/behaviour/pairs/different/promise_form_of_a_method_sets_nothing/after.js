const util = require('util');

function Store(client) {
  this.client = client;
}

Store.prototype.save = function (item, cb) {
  util.callbackify(async () => (this.version = await this.saveAsync(item)))(cb);
};

Store.prototype.saveAsync = async function (item) {
  return util.promisify(this.client.put.bind(this.client))(item);
};

module.exports = Store;
