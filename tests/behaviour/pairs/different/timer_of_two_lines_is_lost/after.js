exports.later = function (next) {
  if (!next) throw new TypeError('next')
  if (!config.ready) setTimeout(next, 10, null, 1)
  else setImmediate(next, null, 1)
}
