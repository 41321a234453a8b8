const fs = require('fs');
const util = require('util');

function read(file, options, cb) {
  util.callbackify(readAsync)(file, options, cb);
}

async function readAsync(file, options) {
  const data = await fs.promises.readFile(file, options);
  return data.length;
}

exports.read = read;
exports.readAsync = readAsync;
