function load(id) {
  if (!id) return null;
  return getUser(id).then((user) => render(user));
}
