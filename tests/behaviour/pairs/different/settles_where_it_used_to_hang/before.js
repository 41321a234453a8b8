const fs = require('fs');

exports.read = (path) =>
  new Promise((resolve) => {
    fs.readFile(path, (err, data) => {
      if (!err) resolve(data);
    });
  });
