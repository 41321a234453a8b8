async function load(id) {
  const pending = getUser(id);
  let user;
  try {
    user = await pending;
  } catch (err) {
    user = await recover(err);
  }
  return render(user);
}
