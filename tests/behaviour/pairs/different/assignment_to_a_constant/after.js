async function load(id) {
  const user = await getUser(id);
  user = normalise(user);
  return render(user);
}
