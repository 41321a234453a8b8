const fs = require('fs');

exports.size = (path, cb) => {
  fs.stat(path, (err, stats) => {
    if (err) return cb(err);
    cb(null, stats.size);
  });
};
