const util = require('util');

function load(callback) {
  util.callbackify(loadAsync)(callback);
}

async function loadAsync() {
  return read();
}

exports.show = function (options) {
  if (options === 1) return;
  load((err, rows) => {
    render(options.label, rows);
  });
};
