const db = require('./db');
const util = require('util');

function page(id, cb) {
  util.callbackify(pageAsync)(id, cb);
}

async function pageAsync(id) {
  return util.promisify(db.page.bind(db))(id);
}

exports.page = page;
exports.pageAsync = pageAsync;
