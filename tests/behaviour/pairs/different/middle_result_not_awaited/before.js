function load(id) {
  return getUser(id)
    .then((user) => getOrders(user))
    .then((orders) => render(orders));
}
