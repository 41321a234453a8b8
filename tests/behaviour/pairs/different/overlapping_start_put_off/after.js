async function page(id) {
  await format(id);
  const [user, orders] = await Promise.all([(async () => {
    await undefined;
    return getUser(id);
  })(), getOrders(id)]);
  return render(user, orders);
}
