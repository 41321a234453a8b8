// behaviour: overlap
async function page(id) {
  const user = await getUser(id);
  if (!user.active) return null;
  const orders = await getOrders(id);
  return render(user, orders);
}
