const fs = require('fs');
const util = require('util');

function load(file, cb) {
  loadAsync(file).then((value) => process.nextTick(cb, null, value), (err) => process.nextTick(cb, err));
}

async function loadAsync(file) {
  const text = await fs.promises.readFile(file, 'utf8');
  return JSON.parse(text);
}

exports.load = load;
exports.loadAsync = loadAsync;
