const fs = require('fs');

// behaviour: steady *
exports.load = function (path, options, cb) {
  if (typeof options === 'function') {
    cb = options;
    options = {};
  }
  fs.readFile(path, options, (err, data) => {
    if (err) return cb(err);
    cb(null, data);
  });
};

exports.touch = function (path, cb) {
  fs.utimes(path, 1, 1, function (err) {
    if (err) {
      cb(err);
      return;
    }
    cb();
  });
};
