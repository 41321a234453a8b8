const util = require('util');

exports.load = function (id, done) {
  util.callbackify(async () => {
    const size = await (async () => {
      await util.promisify(db.get.bind(db))(id);
      return measure(id);
    })();
    return [size, await util.promisify(db.put.bind(db))(id)];
  })(done);
};
