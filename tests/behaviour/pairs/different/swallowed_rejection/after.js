async function load(id) {
  const pending = getUser(id);
  try {
    return await pending;
  } catch (err) {
    report(err);
  }
}
