function load(id) {
  return getUser(id)
    .then((user) => render(user))
    .catch((err) => recover(err));
}
