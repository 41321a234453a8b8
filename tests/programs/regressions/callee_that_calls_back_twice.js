// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function Store_f5(client) { this.client = client }
Store_f5.prototype.f5 = function (cb) {
  load1(1, (err, a) => {
    s2();
    cb(null, 1);
  });
  function load1(value, fn) {
    setImmediate(fn, null, 1);
    fs.readFile(fn);
  }
};
