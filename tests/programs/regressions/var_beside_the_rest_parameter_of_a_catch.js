// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
class K_f5 {
  m0(v) { return f3(v) }
  async f5() {
    var user = await api.load().catch(async (...a) => {
      if (1) return getUser().then(([user, x]) => {
        var a = 1;
      });
    }).then(function (data) {}.bind(this));
  }
}
