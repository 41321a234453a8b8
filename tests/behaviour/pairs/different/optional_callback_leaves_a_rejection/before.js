const cache = require('./cache');

function drop(key, cb) {
  cache.remove(key, function (err, old) {
    if (cb) cb(err, old);
  });
}

exports.drop = drop;
