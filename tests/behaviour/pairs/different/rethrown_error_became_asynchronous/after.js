const fs = require('fs');
const util = require('util');
const codec = require('./codec');
function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  let name;
  try {
    name = codec.encode(file);
  } catch (err) {
    codec.log(err);
    throw err;
  }
  return fs.promises.readFile(name);
}

exports.load = load;
exports.loadAsync = loadAsync;
