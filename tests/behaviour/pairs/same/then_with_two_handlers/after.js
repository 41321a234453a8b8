async function load(id) {
  const pending = getUser(id);
  let user;
  try {
    user = await pending;
  } catch (err) {
    return apologise(err);
  }
  return greet(user);
}
