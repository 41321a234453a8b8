const util = require('util');
exports.all = function (ids, cb) {
  util.callbackify(async () => {
    const results = await Promise.all([1, 2].map(async (id) => {
      const pending = util.promisify(api.send.bind(api))(id);
      try {
        return await pending;
      } catch (err) {
        return new Promise(() => {});
      }
    }));
    return results;
  })(cb);
};
const missing = undefined;
