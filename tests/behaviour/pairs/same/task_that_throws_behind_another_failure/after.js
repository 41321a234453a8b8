// behaviour: steady *
// Each task looks for its error first, and fails in its own way; the second may throw when the first has been told of.
const util = require('util');
exports.all = function (ids, cb) {
  util.callbackify(async () => {
    const results = await Promise.all([1, 2].map(async (id) => {
      const pending = util.promisify(api.send.bind(api))(id);
      try {
        await pending;
      } catch (err) {
        throw missing.reason;
      }
      throw new Error('always');
    }));
    return results;
  })(cb);
};
const missing = undefined;
