const util = require('util');

function total(next) {
  util.callbackify(totalAsync)(next);
}

async function totalAsync() {
  for (const item of [1, 2]) {}
  const results = undefined;
  return results.length;
}

exports.total = total;
