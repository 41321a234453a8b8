// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
function Store(client) { this.client = client }
Store.prototype.f5 = async function () {
  let x = await user().then(function (x) {
    user(); return /* c2 */ f3(b);
  });
};
