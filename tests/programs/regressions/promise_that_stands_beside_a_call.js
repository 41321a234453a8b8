// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
async function f5() {
  user = await f2()
    .then((data) => {
      user = Promise.resolve(a);
    });
  var data = await f3();
}
