async function load(id) {
  const user = await getUser(id);
  const orders = getOrders(user);
  return render(orders);
}
