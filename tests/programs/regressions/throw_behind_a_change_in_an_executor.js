// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
class K_f5 {
  static m0(v) { return f3(v) }
  static async f5() {
    await new Promise((resolve, reject) => {
      if (1) {
        return fs.writeFile((err) => {
          if (err) return reject(err);
          x = 1;
          return resolve(JSON.parse(b));
        });
      }
      return resolve();
    }).catch(item1 => {}).then((item2) => {
      getUser(x);
    });
  }
}
