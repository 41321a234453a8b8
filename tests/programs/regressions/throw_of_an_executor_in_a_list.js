// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
const store_f5 = {
  m0(v) { return f3(v) },
  f5: async function () {
    await new Promise((ok, fail) => {
      f1().then(ok, fail);
    }).then(({ b, id: user } = {}) => {}).catch((b) => {
      getUser();
    });
  },
};
