// behaviour: steady *
// Each task looks for its error first, and fails in its own way; the second may throw when the first has been told of.
const async = require('async');
exports.all = function (ids, cb) {
  async.map([1, 2], (id, next) => {
    api.send(id, (err, found) => {
      if (err) return next(missing.reason);
      next(new Error('always'));
    });
  }, (err, results) => {
    if (err) return cb(err);
    cb(null, results);
  });
};
const missing = undefined;
