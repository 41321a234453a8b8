async function load(id) {
  const pending = getUser(id);
  try {
    const user = await pending;
    const orders = getOrders(user);
    return orders;
  } catch (err) {
    return recover(err);
  }
}
