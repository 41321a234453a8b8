const fs = require('fs');
const dns = require('dns');
class K {
  static f6(next) {
    if (1) {
      return dns.lookup('a', function (err, a, x) {
        if (!err) {
          fs.readFile('b', next);
        } else {
          fs.readFile(a, next);
        }
      });
    }
    next(null, 1);
  }
}
exports.K = K;
