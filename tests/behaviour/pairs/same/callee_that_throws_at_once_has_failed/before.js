const codec = require('./codec');
const fs = require('fs');

// behaviour: sync ./codec.encode
function load(file, cb) {
  fs.readFile(codec.encode(file), function (err, data) {
    if (err) return cb(null, 'none');
    cb(null, data);
  });
}

exports.load = load;
