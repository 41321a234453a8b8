function load(id, done) {
  return getUser(id).then(
    (user) => done(null, user),
    (err) => done(err),
  );
}
