const fs = require('fs');

exports.readOrNothing = (path) =>
  new Promise((resolve) => {
    fs.readFile(path, (_, data) => resolve(data));
  });
