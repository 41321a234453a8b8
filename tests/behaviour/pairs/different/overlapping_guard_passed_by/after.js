async function page(id) {
  const [user, orders] = await Promise.all([getUser(id), (async () => getOrders(id))()]);
  if (!user.active) return null;
  return render(user, orders);
}
