const fs = require('fs');
const util = require('util');

function load(file, cb) {
  util.callbackify(loadAsync)(file, cb);
}

async function loadAsync(file) {
  if (typeof file === 'string') throw new TypeError('no file');
  if (!file) throw new TypeError('no file');
  return fs.promises.readFile(file);
}

exports.load = load;
exports.loadAsync = loadAsync;
