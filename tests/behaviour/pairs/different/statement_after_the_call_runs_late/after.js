async function load(id) {
  const user = await getUser(id);
  const page = await render(user);
  log('started');
  return page;
}
