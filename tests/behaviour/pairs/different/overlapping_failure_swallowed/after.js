async function page(id) {
  const [user, orders] = await Promise.allSettled([getUser(id), (async () => getOrders(id))()]);
  return render(user.value, orders.value);
}
