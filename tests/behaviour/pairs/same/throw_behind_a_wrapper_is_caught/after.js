const util = require('util');

exports.load = (id) => (async () => {
  const row = await util.promisify(db.get.bind(db))(id);
  check(row);
  return row;
})().catch(() => loadDefault(id));
