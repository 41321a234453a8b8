// behaviour: overlap
// behaviour: steady *
exports.load = async function (ids) {
  const first = begin();
  [1, 2].forEach(async (id) => {
    const user = await get();
    const order = await get();
    show(id, user, order);
  });
  return first;
};
