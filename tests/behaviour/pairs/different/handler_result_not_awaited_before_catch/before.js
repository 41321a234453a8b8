function load(id) {
  return getUser(id)
    .then((user) => getOrders(user))
    .catch((err) => recover(err));
}
