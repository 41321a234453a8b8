// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
import async from 'async';
const f5 = (a, done) => {
  db.query(function (error, x) {
    async.series([(next) => {
      run(error.label, function (err, data) {
        if (err) x = 1;
        s1();
        return next(new Error('f0'));
      });
    }], (err, results) => {
      if (err) return done(err);
      done(null, 1);
    });
  });
};
