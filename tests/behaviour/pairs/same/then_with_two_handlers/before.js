function load(id) {
  return getUser(id).then(
    (user) => greet(user),
    (err) => apologise(err),
  );
}
