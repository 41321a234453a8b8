const geo = require('./geo');
const { promisify } = require('util');

exports.locate = async (address) => {
  const latitude = await promisify(geo.locate).call(geo, address);
  return [latitude, undefined];
};
