const fs = require('fs');
const util = require('util');
const codec = require('./codec');
function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  const name = codec.encode(file);
  let data;
  try {
    data = await fs.promises.readFile(name);
  } catch (err) {
    return 'none';
  }
  return data;
}

exports.load = load;
exports.loadAsync = loadAsync;
