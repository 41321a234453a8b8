const util = require('util');

function Store(client) {
  this.client = client;
}

Store.prototype.save = function (item, cb) {
  util.callbackify(this.saveAsync.bind(this))(item, cb);
};

Store.prototype.saveAsync = async function (item) {
  const version = await util.promisify(this.client.put.bind(this.client))(item);
  this.version = version;
  return version;
};

module.exports = Store;
