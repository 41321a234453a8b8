function Store(client) {
  this.client = client;
}

Store.prototype.save = function (item, cb) {
  var self = this;
  this.client.put(item, function (err, version) {
    if (err) return cb(err);
    self.version = version;
    cb(null, version);
  });
};

module.exports = Store;
