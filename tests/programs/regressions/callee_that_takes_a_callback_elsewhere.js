// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const fs = require('fs');
const f5 = function (a, b, cb) {
  api.send(function (err) {
    api.send(finish1);
  });
};
function f6(a, b, cb) {
  return fs.readFile(end2);
  function end2(err, value) {
    fs.readFile(cb);
  }
}
