async function load(id) {
  return render(await getUser(id));
}
