// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const dns = require('dns');
const async = require('async');
function f5(id, opts, cb) {
  db.get(function (err, data) {
    async.waterfall([next => db.get(3, (err, v) => next(err, v)), (item, next) => {
      run(function (err, b) {
        dns.lookup(next);
      });
    }], cb);
  });
}
function Store_f6(client) { this.client = client }
Store_f6.prototype.f6 = function () {
  return f5(1, 1, function (e, b) {
    if (e) return cb(e);
  });
};
