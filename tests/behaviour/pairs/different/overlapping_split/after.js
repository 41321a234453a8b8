async function page(id) {
  const loading = getUser(id);
  const orders = await getOrders(id);
  const user = await loading;
  return render(user, orders);
}
