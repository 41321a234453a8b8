const fs = require('fs');

function copyHeader(from, to, callback) {
  fs.readFile(from, 'utf8', (err, text) => {
    if (err) return callback(err);
    fs.writeFile(to, header(text), (err) => {
      if (err) return callback(err);
      callback(null, to);
    });
  });
}

module.exports = { copyHeader };
// behaviour: sync header
// behaviour: steady *
