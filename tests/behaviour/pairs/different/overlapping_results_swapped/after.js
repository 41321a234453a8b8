async function page(id) {
  const [orders, user] = await Promise.all([getUser(id), (async () => getOrders(id))()]);
  return render(user, orders);
}
