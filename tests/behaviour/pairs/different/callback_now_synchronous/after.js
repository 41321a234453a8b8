exports.first = (items, cb) => {
  cb(null, items[0]);
};
