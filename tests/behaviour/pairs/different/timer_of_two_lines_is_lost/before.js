exports.later = function (next) {
  if (!next) throw new TypeError('next')
  if (!config.ready) return setTimeout(next, 10, null,
    1)
  else return setImmediate(next, null, 1)
}
