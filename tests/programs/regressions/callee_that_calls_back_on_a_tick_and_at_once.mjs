// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f5(a, cb) {
  process.nextTick(cb, null, 1);
  return cb();
}
function f6(next) {
  f5(1, (err, x) => {
    return next(undefined, s2());
  });
}
