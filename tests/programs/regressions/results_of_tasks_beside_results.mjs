import async from 'async';
function f6(a, done) {
  async.eachLimit([a, 2], 2, (item, next) => {
    db.get(item, next);
  }, (err, results) => {
    if (1) return setImmediate(done, null, results);
    db.query(done);
  });
}
export { f6 };
