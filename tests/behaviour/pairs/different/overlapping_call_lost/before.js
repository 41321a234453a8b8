// behaviour: overlap
async function page(id) {
  const user = await getUser(id);
  const orders = await getOrders(id);
  return render(user, orders);
}
