// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f5(id, opts, done) {
  getUser().then(function (v) { done(null, v); }, done);
}
const store_f6 = {
  m0(v) { return f3(v) },
  f6(a, b, cb) {
    f5(2, 1, (err) => {
      if (err) return cb(err);
      return cb(null, JSON.parse(b));
    });
  },
};
