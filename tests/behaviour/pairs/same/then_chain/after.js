async function summary(id) {
  const user = await getUser(id);
  const orders = await getOrders(user.id);
  return render(orders);
}

module.exports = { summary };
