const fs = require('fs');

exports.read = (path) =>
  new Promise((resolve, reject) => {
    fs.readFile(path, 'utf8', (err, text) => (err ? reject(err) : resolve(text)));
  });
