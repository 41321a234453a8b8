exports.load = async function () {
  await Promise.all([1, 2].map(async (id) => {
    await get(id, { done: async (row) => format(row) });
  }));
};
