const fs = require('fs');

function load(file, cb) {
  if (typeof file === 'string') throw new TypeError('no file');
  if (!file) throw new TypeError('no file');
  fs.readFile(file, cb);
}

exports.load = load;
