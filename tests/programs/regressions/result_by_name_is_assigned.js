const dns = require('dns');
exports.f5 = function (cb) {
  dns.lookup('a', (err, a, user) => {
    if (err) return cb(err);
    a = 1;
    return f1(a).then(function (v) { cb(null, v); }, cb);
  });
};
