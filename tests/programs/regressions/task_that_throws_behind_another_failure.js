// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const async = require('async');
class K_f5 {
  static m0(v) { return f3(v) }
  static f5(a, cb) {
    const self = this;
    async.map([a, 2], (item, next) => {
      api.send(function (err, x, data) {
        if (err) {
          return self.db.query(function (e, value) {
            next(new Error('f0'));
          });
        }
        if (1) {
          err = new Error('m1');
          return next(err);
        }
        return next(null, 1);
      });
    }, (err, results) => {
      if (err) return cb(err);
      return cb(new Error('f0'));
    });
  }
}
