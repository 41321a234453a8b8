function load(id) {
  return getUser(id).catch((err) => {
    report(err);
    throw err;
  });
}
