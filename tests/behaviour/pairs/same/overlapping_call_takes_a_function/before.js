// behaviour: overlap
// behaviour: steady *
exports.load = async function () {
  for (const id of [1, 2]) {
    await get(id, { done: async (row) => format(row) });
  }
};
