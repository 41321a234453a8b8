function save(user) {
  return validate(user).then(store.save);
}
