function load(id) {
  const result = getUser(id).then((user) => render(user));
  log('started');
  return result;
}
