function load(id) {
  return getUser(id)
    .then((user) => getOrders(user.id))
    .catch((err) => {
      report(err);
      return [];
    });
}
