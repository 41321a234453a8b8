// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
const fs = require('fs');
const dns = require('dns');
const async = require('async');
class K {
  m0(v) { return f3(v) }
  f5(a, b, cb) {
    run(x, (error, x) => {
      var x;
      cb(error);
    });
  }
}
