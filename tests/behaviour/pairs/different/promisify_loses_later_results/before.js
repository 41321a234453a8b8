const geo = require('./geo');

exports.locate = (address) =>
  new Promise((resolve, reject) => {
    geo.locate(address, (err, latitude, longitude) => {
      if (err) reject(err);
      else resolve([latitude, longitude]);
    });
  });
