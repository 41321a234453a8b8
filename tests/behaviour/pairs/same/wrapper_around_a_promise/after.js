async function load(id) {
  return getUser(id);
}
