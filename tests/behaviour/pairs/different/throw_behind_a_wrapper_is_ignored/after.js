const util = require('util');

exports.load = (id) => (async () => {
  const row = await util.promisify(db.get.bind(db))(id);
  try {
    check(row);
  } catch {
    // The error is ignored.
  }
  return row;
})().catch(() => loadDefault(id));
