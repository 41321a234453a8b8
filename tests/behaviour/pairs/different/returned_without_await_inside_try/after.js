async function load(id) {
  const pending = getUser(id);
  try {
    return pending;
  } catch (err) {
    return recover(err);
  }
}
