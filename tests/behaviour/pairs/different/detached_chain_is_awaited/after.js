async function visit(id) {
  const user = await getUser(id);
  await audit(user);
  done(user);
  return user;
}
