// behaviour: sync s2
const dns = require('dns');
let value = 1;
exports.f5 = async function () {
  let b = await new Promise(function (resolve, reject) {
    return dns.lookup('a', function (error) {
      if (error) return reject(error);
      return resolve(value = s2());
    });
  });
};
