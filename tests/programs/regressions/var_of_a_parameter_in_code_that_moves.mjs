// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const f5 = function (x, cb) {
  if (x) {
    return db.query(function (err) {
      fs.writeFile(after1);
      function after1(err, x) {
        cb();
      }
    });
  } else {
    var x;
    if (err) return cb(err, 1);
    x ? process.nextTick(cb, null, 1) : process.nextTick(cb, new Error('f0'));
  }
};
