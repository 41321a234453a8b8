// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
exports.f5 = async function f5 () {
  var a = await f3();
  const data = await f0().then(function (data, user) {
    value = async () => f1(data);
  }).then(function step() {
    a = `t${value}`;
  });
  f3(a);
};
