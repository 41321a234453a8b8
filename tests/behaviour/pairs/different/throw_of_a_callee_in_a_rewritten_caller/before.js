exports.load = function (cb) {
  read((error, found) => {
    if (error) return cb(error);
    cb(null, 'at once');
    const { id } = missing.too;
  });
};
const missing = undefined;
