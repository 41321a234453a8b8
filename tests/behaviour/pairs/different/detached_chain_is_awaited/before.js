function visit(id) {
  return getUser(id).then((user) => {
    audit(user).then(() => done(user));
    return user;
  });
}
