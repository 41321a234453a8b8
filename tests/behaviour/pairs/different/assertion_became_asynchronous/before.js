const assert = require('assert');
const fs = require('fs');

function load(file, cb) {
  assert(file, 'a file');
  if (!file) return;
  fs.readFile(file, cb);
}

exports.load = load;
