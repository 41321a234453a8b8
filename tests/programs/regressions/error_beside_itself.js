// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady s1, s2, lib.format, lib.later, log, wrapError, noop, cb, callback, done, next
const fs = require('fs');
const dns = require('dns');
const async = require('async');
function Store(client) { this.client = client }
Store.prototype.f5 = function (id, opts, done) {
  fs.writeFile((error, b) => {
    done(error, error);
  });
};
