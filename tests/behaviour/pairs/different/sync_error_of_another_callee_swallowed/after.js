const fs = require('fs');
const util = require('util');
const codec = require('./codec');
function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  try {
    return await fs.promises.readFile(codec.encode(file));
  } catch (err) {
    return 'none';
  }
}

exports.load = load;
exports.loadAsync = loadAsync;
