// behaviour: sync s1, s2, lib.format, lib.later, log, wrapError, noop
// behaviour: values wrapError = new Error('w')
// behaviour: steady *
function f6(a, b, done) {
  if (!data) return finish1(null, 1);
  db.query(finish1);
  function finish1(err, value) {
    if (err !== undefined) return done(err);
    return done(null, s2());
  }
}
