function save(user) {
  return validate(user).then(() => {
    audit(user);
    return store(user);
  });
}
