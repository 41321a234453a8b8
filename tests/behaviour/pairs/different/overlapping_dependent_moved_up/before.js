// behaviour: overlap
async function page(id) {
  let user = none;
  user = await getUser(id);
  const orders = await getOrders(user);
  return render(user, orders);
}
