const fs = require('fs');

exports.parse = async (path) => decode(await fs.promises.readFile(path, 'utf8'));
