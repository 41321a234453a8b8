// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const f5 = async function (user) {
  for (const value of [1, 2]) {
    user = await getUser().then(function (x) {
      if (!user) {} else {
        return f0().then(function () {
          const { user, k: a } = f3();
        });
      }
    });
  }
};
