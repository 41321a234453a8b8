function summary(id) {
  return getUser(id)
    .then((user) => getOrders(user.id))
    .then((orders) => render(orders));
}

module.exports = { summary };
