// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady noop, cb, callback, done, next
const f5 = async function () {
  await new Promise((resolve, reject) => {
    fs.stat(function onDone(e, b) {
      if (e) return reject(e);
      return resolve(s1());
    });
  })
    .catch(function (b) {});
  s1();
};
