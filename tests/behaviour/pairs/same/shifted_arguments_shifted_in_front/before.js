const fs = require('fs');

function read(file, options, cb) {
  if (typeof options === 'function') {
    cb = options;
    options = { flag: 'r' };
  }
  fs.readFile(file, options, function (err, data) {
    if (err) return cb(err);
    cb(null, data.length);
  });
}

exports.read = read;
