exports.first = (items, cb) => {
  process.nextTick(cb, null, items[0]);
};
