exports.remind = function (text, callback) {
  setTimeout(function () {
    callback(null, text);
  }, 100);
};
