const dns = require('dns');
const f5 = (callback) => {
  dns.lookup('a', (e, data) => {
    db.query(data, callback);
  });
};
exports.f5 = f5;
