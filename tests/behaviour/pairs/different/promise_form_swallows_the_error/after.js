const fs = require('fs');
const util = require('util');

function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  try {
    return JSON.parse(await fs.promises.readFile(file, 'utf8'));
  } catch (err) {
    return undefined;
  }
}

exports.load = load;
exports.loadAsync = loadAsync;
