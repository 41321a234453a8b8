async function page(id) {
  const [orders, user] = await Promise.all([getOrders(id), (async () => getUser(id))()]);
  return render(user, orders);
}
