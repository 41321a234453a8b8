function load(id) {
  return getUser(id).then(render, (err) => {
    report(err);
    throw err;
  });
}
