const db = require('./db')

exports.name = function (id, cb) {
  db.get(id, (err, user) => {
    cb(null, user || 'nobody')
  })
}
