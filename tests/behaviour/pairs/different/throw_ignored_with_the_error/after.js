const db = require('./db')
const util = require('util')

exports.name = function (id, cb) {
  util.callbackify(exports.nameAsync)(id, cb)
}

exports.nameAsync = async function (id) {
  let user
  try {
    user = await util.promisify(db.get.bind(db))(id)
  } catch (err) {
    // The error is ignored.
  }
  return user || 'nobody'
}
