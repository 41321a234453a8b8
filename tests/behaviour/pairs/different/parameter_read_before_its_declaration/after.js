async function load(user) {
  {
    const user = await getUser(user.id);
    return render(user);
  }
}
