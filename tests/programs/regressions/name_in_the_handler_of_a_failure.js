// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function Store_f5(client) { this.client = client }
Store_f5.prototype.f5 = async function () {
  this.v = await f2().catch(({ x, id: a } = {}) => {
    return f1().then(function ([value, rest]) {
      var a = 1;
    });
  }).then((x) => {});
};
