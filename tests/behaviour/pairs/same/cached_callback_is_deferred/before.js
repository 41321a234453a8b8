const fs = require('fs');
let cached;

module.exports = function settings(cb) {
  if (cached) return cb(null, cached);
  cb(null, 'none');
};
