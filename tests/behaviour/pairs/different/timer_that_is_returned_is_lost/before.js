exports.remind = function (text, callback) {
  return setTimeout(function () {
    callback(null, text);
  }, 100);
};
