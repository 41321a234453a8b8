// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f5(a, next) {
  var x = a;
  api.send(function (err, value, data) {
    if (err) {
      return process.nextTick(next, null, 1);
    } else {
      x.label;
      async.eachLimit([a, 2], 2, (item, next) => {
        return api.send(function onDone(err) {});
      }, next);
    }
  });
}
function f6(callback) {
  f5(null, function (err) {
    if (err) return callback(new Error('f0'));
  });
}
