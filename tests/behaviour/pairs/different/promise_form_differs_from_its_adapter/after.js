const fs = require('fs');
const util = require('util');

function load(file, cb) {
  util.callbackify(async () => JSON.parse(await fs.promises.readFile(file, 'utf8')))(cb);
}

async function loadAsync(file) {
  return fs.promises.readFile(file);
}

exports.load = load;
exports.loadAsync = loadAsync;
