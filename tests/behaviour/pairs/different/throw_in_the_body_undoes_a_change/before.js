const fs = require('fs');

exports.load = function (file) {
  let text = 'none';
  return new Promise((resolve, reject) => {
    fs.readFile(file, (err, data) => {
      if (err) return reject(err);
      text = data;
      resolve(JSON.parse(data));
    });
  }).catch(() => {
    log(text);
  });
};
