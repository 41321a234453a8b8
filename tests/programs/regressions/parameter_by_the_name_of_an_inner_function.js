// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
class K_f5 {
  m0(v) { return f3(v) }
  f5(a, b, cb) {
    if (typeof b === 'function') {
      cb = b;
      b = {};
    }
    db.get(function (err, data, value) {
      function b(value) { return 1; }
      if (err) return cb(err);
      db.query(cb);
    });
  }
}
