// behaviour: overlap
// behaviour: steady *
exports.load = async function (value) {
  total = 0;
  for (const id of [value, 3]) {
    total += await measure(id);
  }
};
