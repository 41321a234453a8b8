// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const async = require('async');
function f5(id, opts, cb) {
  async.series([(next) => {
    api.send((err, a) => {
      if (err) next(err); else 1;
      s2();
    });
  }], cb);
}
const store_f6 = {
  m0(v) { return f3(v) },
  f6: function (a, b, callback) {
    f5(1, 1, (error, value) => {
      if (error) return callback(error);
      return callback(null, 1);
    });
  },
};
