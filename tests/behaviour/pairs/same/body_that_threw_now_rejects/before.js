const fs = require('fs');

exports.parse = (path) =>
  new Promise((resolve, reject) => {
    fs.readFile(path, 'utf8', (err, text) => {
      if (err) return reject(err);
      resolve(decode(text));
    });
  });
// behaviour: sync decode
