// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
function Store(client) { this.client = client }
Store.prototype.f6 = function (callback) {
  this.db.query(function (err, value) {
    if (!err) {
      callback(null, value);
    } else {
      callback(null, value);
    }
  });
};
