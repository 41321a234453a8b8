async function save(user) {
  const { save: persist } = store;
  const valid = await validate(user);
  return persist(valid);
}
