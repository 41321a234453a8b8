async function page(id) {
  const [user, orders] = await Promise.all([getUser(id), (async () => getOrders(id))()]);
  return render(user, orders);
}
