const fs = require('fs');
function Store(client) { this.client = client }
Store.prototype.f5 = async function () {
  this.v = await new Promise(function (ok, fail) {
    return fs.writeFile('a', function (err) {
      if (err) return fail(err);
      f2().then(ok, fail);
    });
  });
};
exports.Store = Store;
