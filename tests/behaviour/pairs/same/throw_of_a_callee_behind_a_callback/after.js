const util = require('util');
function find(key, cb) {
  util.callbackify(findAsync)(key, cb);
}

async function findAsync(key) {
  const { id } = key.missing;
  return util.promisify(run)(id);
}
exports.load = function (cb) {
  read((error, found) => {
    find(1, (error, user) => {
      if (error) return cb(error);
    });
  });
  return cb(new Error('at once'));
};
