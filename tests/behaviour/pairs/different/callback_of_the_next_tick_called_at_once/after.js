const cache = require('./cache');
const fs = require('fs');

function load(file, cb) {
  const known = cache.get(file);
  if (known) return cb(null, known);
  if (!file) return cb(new Error('no file'));
  fs.readFile(file, cb);
}

exports.load = load;
