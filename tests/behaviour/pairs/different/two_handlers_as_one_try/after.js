async function load(id) {
  const pending = getUser(id);
  try {
    return await render(await pending);
  } catch (err) {
    return recover(err);
  }
}
