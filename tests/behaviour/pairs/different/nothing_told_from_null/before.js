exports.load = function (key) {
  return new Promise((resolve, reject) => {
    read(key, (err, row) => {
      if (err !== null) {
        reject(new Error('read'));
      } else {
        resolve(row);
      }
    });
  });
};
