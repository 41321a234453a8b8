// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f5(x, cb) {
  const { data, user } = 1;
  run(data.id, cb);
}
class K_f6 {
  m0(v) { return f3(v) }
  f6(cb) {
    fs.readFile((error, x) => {
      return f5(1, (error, user) => {
        if (error) return cb(error);
      });
    });
    return cb(new Error('f2'));
  }
}
