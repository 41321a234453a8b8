const db = require('./db');

function save(item, cb) {
  db.put(item, function (err, version) {
    if (err) return cb(err);
    cb(null, version);
  });
  db.log(item);
}

// behaviour: sync ./db.log
exports.save = save;
