// behaviour: sync log
function f5(done) {
  run(function (err, b) {
    return process.nextTick(done, new Error('f0'));
  });
} // c3
class K {
  f6(done) {
    run((err, x) => {
      if (err) return done(err);
      done(null, x);
    });
  } // c4
}
exports.f5 = f5;
exports.K = K;
