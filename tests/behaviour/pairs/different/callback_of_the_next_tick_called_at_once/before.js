const cache = require('./cache');
const fs = require('fs');

// behaviour: sync ./cache.get
function load(file, cb) {
  const known = cache.get(file);
  if (known) return process.nextTick(cb, null, known);
  if (!file) return process.nextTick(function () {
    cb(new Error('no file'));
  });
  fs.readFile(file, cb);
}

exports.load = load;
