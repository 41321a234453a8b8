exports.load = function (id, cb) {
  cache.get(id, (err, value) => {
    if (err) {
      console.log(err);
      return db.get(id, (err, row) => {
        if (err && err.code !== 'ENOENT') return cb(err);
        cb(null, row);
      });
    }
    cb(null, value);
  });
};
