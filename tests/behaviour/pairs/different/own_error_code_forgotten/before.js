const fs = require('fs');

exports.read = (path, cb) => {
  fs.readFile(path, (err, data) => {
    if (err && err.code === 'ENOENT') return cb(null, '');
    cb(err, data);
  });
};
