const fs = require('fs');

exports.read = (path) => fs.promises.readFile(path);
