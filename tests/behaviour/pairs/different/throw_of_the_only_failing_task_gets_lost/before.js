const async = require('async');
exports.all = function (ids, cb) {
  async.map([1, 2], (id, next) => {
    api.send(id, (err, found) => {
      if (err) return next(missing.reason);
      next(null, found);
    });
  }, (err, results) => {
    if (err) return cb(err);
    cb(null, results);
  });
};
const missing = undefined;
