// behaviour: overlap
exports.load = async function () {
  const out = [];
  for (const id of [1, 2]) {
    const user = await getUser(id);
    out.push(await getOrders(id, user));
  }
  return out;
};
