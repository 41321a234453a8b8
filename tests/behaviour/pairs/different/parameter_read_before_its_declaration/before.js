function load(user) {
  return getUser(user.id).then((user) => render(user));
}
