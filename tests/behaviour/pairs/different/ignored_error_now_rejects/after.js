const fs = require('fs');

exports.readOrNothing = (path) => fs.promises.readFile(path);
