// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
const fs = require('fs')
const f5 = function (a, b, next) {
  'k0'
  fs.readFile(function (err) {
    api.send(next)
  })
};
exports.f5 = f5
