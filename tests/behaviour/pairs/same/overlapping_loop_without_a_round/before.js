// behaviour: overlap
// behaviour: steady *
exports.load = async function (keys) {
  for (const key of keys.filter((key) => key.isOpen)) {
    await read(key);
  }
  log(keys);
};
