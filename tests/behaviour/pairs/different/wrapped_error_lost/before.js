function load(id) {
  return getUser(id).catch((err) => {
    throw new Error('no user', { cause: err });
  });
}
