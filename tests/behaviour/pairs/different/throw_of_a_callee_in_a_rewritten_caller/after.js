exports.load = function (cb) {
  read((error, found) => {
    if (error) return cb(error);
    cb(null, 'at once');
    try {
      const { id } = missing.too;
    } catch (error) {
      cb(error);
    }
  });
};
const missing = undefined;
