// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady noop, cb, callback, done, next
const store_f5 = {
  m0(v) { return f3(v) },
  f5: function (next) {
    if (!a) throw new TypeError('t')
    if (!a) {
      fs.writeFile(function (error, x) {
        return next(null, 1)
      })
    } else {
      return setImmediate(next, null, 1)
    }
  },
}
