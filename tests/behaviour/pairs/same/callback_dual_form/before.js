const fs = require('fs');

function readConfig(path, done) {
  if (!done) {
    return new Promise((resolve, reject) => {
      readConfig(path, (err, config) => (err ? reject(err) : resolve(config)));
    });
  }
  fs.readFile(path, 'utf8', done);
}

module.exports = readConfig;
