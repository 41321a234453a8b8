// behaviour: steady *
const util = require('util')
exports.later = function (next) {
  if (!next) throw new TypeError('next')
  util.callbackify(async () => {
    if (!config.ready) {
      await new Promise(resolve => write(() => resolve()))
      return 1
    } else {
      await new Promise(resolve => setImmediate(resolve))
      return 1
    }
  })(next)
}
