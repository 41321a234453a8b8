// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
const f5 = (a, b, cb) => {
  api.send((err, b) => {
    if (err) {
      return cb(null, b || 1);
    } else {
      return process.nextTick(function () { cb(null, b); });
    }
  });
};
