const fs = require('fs');
const util = require('util');

function load(file, cb) {
  util.callbackify(async () => JSON.parse(await fs.promises.readFile(file, 'utf8')))(cb);
}

async function loadAsync(file) {
  return [JSON.parse(await fs.promises.readFile(file, 'utf8'))];
}

exports.load = load;
exports.loadAsync = loadAsync;
