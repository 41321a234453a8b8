// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const async = require('async');
const store_f5 = {
  m0(v) { return f3(v) },
  f5(x, done) {
    if (!a) {
      return fs.writeFile((err, value) => {
        return done(null);
      });
    }
    async.waterfall([next => db.get(1, (err, v) => next(err, v))], done);
  },
};
