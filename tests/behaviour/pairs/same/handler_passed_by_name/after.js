async function show(id) {
  return render(await getUser(id));
}
