// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
const f5 = (done) => {
  b = async () => lib.format(b);
  run({ id: b }, (err, data) => {
    db.get(done);
  });
};
