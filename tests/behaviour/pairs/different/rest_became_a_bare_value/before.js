function load(id) {
  return getUser(id).then((...all) => record(all));
}
