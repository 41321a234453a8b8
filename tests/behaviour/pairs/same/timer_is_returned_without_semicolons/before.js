// behaviour: steady *
exports.later = function (next) {
  if (!next) throw new TypeError('next')
  if (!config.ready) {
    write(() => next(null, 1))
  } else {
    return setImmediate(next, null, 1)
  }
}
