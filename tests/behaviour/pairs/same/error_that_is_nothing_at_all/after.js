const util = require('util');

function load(key, callback) {
  util.callbackify(loadAsync)(key, callback);
}

async function loadAsync(key) {
  return util.promisify(read)(key);
}

exports.show = function (key) {
  load(key, (err, row) => {
    report(row, err);
  });
};
