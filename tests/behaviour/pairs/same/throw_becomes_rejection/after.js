async function load(id) {
  if (!id) throw new TypeError('an id is needed');
  return getUser(id);
}
