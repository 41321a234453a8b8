exports.load = function (ids) {
  [1, 2].forEach(async (id) => {
    const [order, user] = await Promise.all([get(), get()]);
    show(id, user, order);
  });
};
