// The library calls the last callback in the turn in which a task called back. What that callback throws is thrown in an
// error-first callback's body, in whichever turn.
// behaviour: steady *
const async = require('async');

function total(next) {
  async.eachSeries([1, 2], (item, done) => {
    process.nextTick(() => done(null));
  }, (err, results) => {
    if (err) return next(err);
    next(null, results.length);
  });
}

exports.total = total;
