function load(id) {
  return getUser(id).then((user) => {
    user = normalise(user);
    return render(user);
  });
}
