const fs = require('fs');
const util = require('util');
const assert = require('assert');
function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  assert(file, 'a file');
  return fs.promises.readFile(file);
}

exports.load = load;
exports.loadAsync = loadAsync;
