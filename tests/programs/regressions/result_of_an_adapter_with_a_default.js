// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f5(id, opts, done) {
  db.put((err, value) => {
    if (err) return done(err);
    db.query(done);
  });
}
function f6(cb) {
  f5(1, 1, (e) => {
    if (e) return cb(e);
    f5(1, 1, cb);
  });
}
module.exports = { f5 };
