const fs = require('fs');
const util = require('util');
const cache = require('./cache');
function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  const known = cache.get(file);
  if (known) return;
  return fs.promises.readFile(file);
}

exports.load = load;
exports.loadAsync = loadAsync;
