// behaviour: steady *
const fs = require('fs');

exports.read = (path, cb) => {
  fs.readFile(path, (err, data) => {
    if (err) return cb(err);
    cb(null, data);
  });
};
