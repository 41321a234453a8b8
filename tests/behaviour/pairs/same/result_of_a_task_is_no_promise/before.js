const async = require('async');

exports.load = function (id, done) {
  async.series([
    (next) => db.get(id, (err) => (err ? next(err) : next(null, measure(id)))),
    (next) => db.put(id, next),
  ], (err, sizes) => {
    if (err) return done(err);
    done(null, sizes);
  });
};
