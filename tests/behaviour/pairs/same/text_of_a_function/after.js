exports.load = async function (id) {
  let make;
  const owner = await getUser(id);
  make = async () => getOrders(owner);
  log(`made ${make}`);
};
