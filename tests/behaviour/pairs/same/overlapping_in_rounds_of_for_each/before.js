// behaviour: overlap
// behaviour: steady *
exports.load = async function (ids) {
  [1, 2].forEach(async (id) => {
    const user = await get();
    const order = await get();
    show(id, user, order);
  });
  return finish();
};
