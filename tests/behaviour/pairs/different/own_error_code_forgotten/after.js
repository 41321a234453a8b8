const fs = require('fs');

exports.read = (path, cb) => {
  fs.readFile(path, cb);
};
