exports.load = async function (ids) {
  const out = await Promise.all([1, 2].map(async (id) => {
    const noting = note(id);
    const user = await getUser(id);
    await noting;
    return user;
  }));
  return out;
};
