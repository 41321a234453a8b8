exports.weigh = function (callback) {
  scales.read((err) => {
    try {
      if (err) throw err;
      undefined.total;
    } catch {
      return callback(new Error('scales'));
    }
    callback(null, 1);
  });
};
