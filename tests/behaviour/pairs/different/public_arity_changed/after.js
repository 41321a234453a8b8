const fs = require('fs');

exports.read = async function (path) {
  return fs.promises.readFile(path);
};
