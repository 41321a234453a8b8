exports.sweep = function (room, callback) {
  broom.take(room, (err) => {
    log(err);
    callback();
  });
};
