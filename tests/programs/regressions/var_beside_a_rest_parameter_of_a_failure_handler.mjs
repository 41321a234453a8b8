// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady noop, cb, callback, done, next
const f5 = () => {
  return getUser()
    .then(x => {}, (...value) => {
      return f0()
        .then(async b => {
          var value = f3();
        });
    });
};
