exports.load = function (ids) {
  let last = 'none';
  [1, 2].forEach(async (id) => {
    last = id;
    const [user, order] = await Promise.all([getUser(id), getOrder(id)]);
    show(id, user, order, last);
    last = id;
  });
};
