// behaviour: sync log
// behaviour: steady noop, cb, callback, done, next
const store = {
  load(x, cb) {
    run((error, found) => {
      if (error) return cb(error);
      if (x) return setImmediate(cb, null, size);
      self.db.query(cb);
    });
  },
};
