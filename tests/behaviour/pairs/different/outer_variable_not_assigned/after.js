let last = null;

exports.load = async (id) => {
  const user = await getUser(id);
  return user;
};
