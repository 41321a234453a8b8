async function save(user) {
  await validate(user);
  const stored = store(user);
  audit(user);
  return stored;
}
