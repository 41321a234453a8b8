const cache = require('./cache');
const fs = require('fs');

// behaviour: sync ./cache.get
function load(file, cb) {
  const known = cache.get(file);
  if (known) return cb(null, known);
  fs.readFile(file, function (err, data) {
    if (err) return cb(err);
    cb(null, data);
  });
}

exports.load = load;
