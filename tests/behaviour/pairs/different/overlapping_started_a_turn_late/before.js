// behaviour: overlap
// behaviour: steady *
exports.load = async function (user) {
  log(user);
  const name = await read(user);
  const size = await measure(user);
  return [name, size];
};
