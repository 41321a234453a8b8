exports.load = function (key, callback) {
  if (cache.has(key)) {
    setImmediate(function () {
      callback(null, key);
    });
    return;
  }
  read(key, callback);
};
