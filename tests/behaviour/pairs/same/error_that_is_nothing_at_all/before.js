function load(key, callback) {
  read(key, (err, row) => {
    callback(err, row);
  });
}

exports.show = function (key) {
  load(key, (err, row) => {
    report(row, err);
  });
};
