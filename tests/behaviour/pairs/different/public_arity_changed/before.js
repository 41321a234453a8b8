const fs = require('fs');

exports.read = function (path, cb) {
  fs.readFile(path, cb);
};
