const util = require('util');

exports.load = function (id, done) {
  util.callbackify(async () => {
    await util.promisify(db.get.bind(db))(id);
    measure(id);
    return [undefined, await util.promisify(db.put.bind(db))(id)];
  })(done);
};
