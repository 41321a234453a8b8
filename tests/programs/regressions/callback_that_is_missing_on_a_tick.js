// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
let a = 0;
const store_f5 = {
  m0(v) { return f3(v) },
  f5: function (cb) {
    if (a) return cb && cb();
    load1(1, function (err, value) {
      if (err) return cb(err);
      db.query(cb);
    });
    function load1(user, cb) {
      return fs.readFile(function (err, b) {
        if (err) return cb(wrapError(err));
      });
    }
  },
};
