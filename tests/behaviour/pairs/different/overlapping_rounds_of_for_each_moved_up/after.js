exports.load = async function (ids) {
  [1, 2].forEach(async (id) => {
    const [user, order] = await Promise.all([get(), get()]);
    show(id, user, order);
  });
  const first = begin();
  return first;
};
