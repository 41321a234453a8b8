// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function Store_f5(client) { this.client = client }
Store_f5.prototype.f5 = async function () {
  let a = await f0()
    .then(function (_) {
      if (1) {
        f3()
        {}
      } else {
        return
      }
    })
}
