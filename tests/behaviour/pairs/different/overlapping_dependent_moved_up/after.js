async function page(id) {
  let user = none;
  let orders;
  [user, orders] = await Promise.all([getUser(id), (async () => getOrders(user))()]);
  return render(user, orders);
}
