exports.load = async (id) => {
  const user = await getUser(id);
  return render(user);
};
