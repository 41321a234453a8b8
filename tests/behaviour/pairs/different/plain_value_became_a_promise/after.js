async function load(id) {
  if (!id) return null;
  const user = await getUser(id);
  return render(user);
}
