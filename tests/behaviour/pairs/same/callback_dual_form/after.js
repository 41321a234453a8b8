const fs = require('fs');

function readConfig(path, done) {
  if (!done) {
    return fs.promises.readFile(path, 'utf8');
  }
  fs.readFile(path, 'utf8', done);
}

module.exports = readConfig;
