exports.weigh = function (callback) {
  scales.read((err) => {
    try {
      if (err) throw err;
      undefined.total;
    } catch {
      log('failed');
      return callback(new Error('scales'));
    }
    callback(null, 1);
  });
};
