// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady noop, cb, callback, done, next
function f5(callback) {
  db.query((e, data) => {
    if (!e) {
      if (1) throw data;
      callback();
    } else {
      callback();
    }
  });
}
