const dns = require('dns');
const util = require('util');

const lookupAsync = util.promisify(dns.lookup);

exports.find = async function (host) {
  const { address } = await lookupAsync(host);
  remember(address);
  return address;
};

exports.visit = async function (host) {
  const { address } = await lookupAsync(host);
  remember(address);
  return 1;
};
