const codec = require('./codec');
const fs = require('fs');

function load(file, cb) {
  let name;
  try {
    name = codec.encode(file);
  } catch (err) {
    codec.log(err);
    throw err;
  }
  fs.readFile(name, cb);
}
// behaviour: sync ./codec.encode, ./codec.log

exports.load = load;
