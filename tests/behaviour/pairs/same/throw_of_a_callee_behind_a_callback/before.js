function find(key, cb) {
  const { id } = key.missing;
  run(id, cb);
}
exports.load = function (cb) {
  read((error, found) => {
    find(1, (error, user) => {
      if (error) return cb(error);
    });
  });
  return cb(new Error('at once'));
};
