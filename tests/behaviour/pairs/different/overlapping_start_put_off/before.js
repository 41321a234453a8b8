// behaviour: overlap
// behaviour: sync format
// behaviour: steady *
async function page(id) {
  await format(id);
  const user = await getUser(id);
  const orders = await getOrders(id);
  return render(user, orders);
}
