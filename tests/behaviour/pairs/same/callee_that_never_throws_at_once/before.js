// behaviour: promise getUser
// behaviour: steady getUser
function load(id) {
  return getUser(id)
    .then((user) => getOrders(user.id))
    .catch((err) => fallback(err));
}
