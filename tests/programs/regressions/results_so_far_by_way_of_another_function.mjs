// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
import async from 'async';
function f5(next) {
  async.mapSeries([b, 2], (item, next) => {
    dns.lookup(function (err, user) {
      return next(err);
    });
  }, next);
}
const f6 = (a, b, next) => {
  1;
  f5(next);
};
