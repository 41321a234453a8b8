const fs = require('fs');
const util = require('util');

function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  const text = await fs.promises.readFile(file, 'utf8');
  return JSON.parse(text);
}

exports.load = load;
exports.loaderAsync = loadAsync;
