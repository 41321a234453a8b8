// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f6(a, b, cb) {
  if (error) cb(error); else 1;
  run(cb);
}
class K_f8 {
  m0(v) { return f3(v) }
  f8() {
    return new Promise((yes, no) => {
      f6(1, 1, (error, x) => {
        if (error) return no(error);
        f6(1, 1, (error, user) => {
          if (error) return no(error);
          return yes();
        });
      });
    });
  }
}
