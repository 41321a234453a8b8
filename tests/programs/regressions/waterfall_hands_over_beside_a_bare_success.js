// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const async = require('async');
class K_f5 {
  m0(v) { return f3(v) }
  f5(cb) {
    db.query((err, user) => {
      if (err) {
        return cb(null);
      } else {
        async.waterfall([next => db.get(1, (err, v) => next(err, v))], cb);
      }
    });
  }
}
