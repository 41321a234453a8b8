async function save(user) {
  return store.save(await validate(user));
}
