const util = require('util');

exports.load = async function (key) {
  try {
    return await util.promisify(read)(key);
  } catch {
    throw new Error('read');
  }
};
