const util = require('util');

exports.sweep = function (room, callback) {
  util.callbackify(exports.sweepAsync)(room, callback && (err => { if (err) throw err; callback(); }));
};

exports.sweepAsync = async function (room) {
  let err = null;
  const taken = new Promise((resolve) => broom.take(room, (e) => resolve(e)));
  err = await taken;
  log(err);
};
