const fs = require('fs');

function readText(path) {
  return fs.promises.readFile(path, 'utf8');
}

module.exports = readText;
