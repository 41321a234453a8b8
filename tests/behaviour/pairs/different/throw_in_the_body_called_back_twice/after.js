const fs = require('fs');

exports.read = (path, cb) => {
  fs.promises.readFile(path).then((data) => cb(null, data)).catch(cb);
};
