async function page(id) {
  const [user, orders] = await Promise.all([getUser(id), getOrders(id)]);
  return render(user, orders);
}
