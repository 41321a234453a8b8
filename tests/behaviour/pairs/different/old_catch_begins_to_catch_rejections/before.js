function load(id) {
  try {
    return getUser(id).then((user) => render(user));
  } catch (err) {
    return recover(err);
  }
}
