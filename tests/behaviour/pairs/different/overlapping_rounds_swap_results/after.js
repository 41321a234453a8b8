exports.load = async function () {
  const out = [];
  await Promise.all([1, 2].map(async (id) => {
    const user = await getUser(id);
    out.push(await getOrders(id, user));
  }));
  return out;
};
