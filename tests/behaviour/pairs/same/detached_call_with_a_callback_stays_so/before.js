const db = require('./db');

function save(item, cb) {
  db.audit(item, function (err) {
    if (err) db.log(err);
  });
  db.put(item, cb);
}

// behaviour: sync ./db.log
exports.save = save;
