exports.load = function (key, callback) {
  if (cache.has(key)) {
    return setImmediate(function () {
      callback(null, key);
    });
  }
  read(key, callback);
};
