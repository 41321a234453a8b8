function load(id) {
  return getUser(id).catch((err) => recover(err));
}
