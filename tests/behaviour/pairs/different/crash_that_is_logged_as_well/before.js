exports.weigh = function (callback) {
  scales.read((err) => {
    if (err) return callback(new Error('scales'));
    undefined.total;
    callback(null, 1);
  });
};
