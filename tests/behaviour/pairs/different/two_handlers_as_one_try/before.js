function load(id) {
  return getUser(id).then(
    (user) => render(user),
    (err) => recover(err),
  );
}
