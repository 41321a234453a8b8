async function load(id) {
  try {
    const user = await getUser(id);
    return await render(user);
  } catch (err) {
    return recover(err);
  }
}
