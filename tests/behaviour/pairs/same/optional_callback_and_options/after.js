const fs = require('fs');
const { callbackify } = require('util');

exports.load = function (path, options, cb) {
  if (typeof options === 'function') {
    cb = options;
    options = {};
  }
  callbackify(async () => fs.promises.readFile(path, options))(cb);
};

exports.touch = function (path, cb) {
  callbackify(() => fs.promises.utimes(path, 1, 1))(cb);
};
