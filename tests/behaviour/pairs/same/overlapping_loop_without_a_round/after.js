exports.load = async function (keys) {
  await Promise.all(keys.filter((key) => key.isOpen).map((key) => read(key)));
  log(keys);
};
