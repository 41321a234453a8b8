// behaviour: overlap
// behaviour: steady *
exports.load = function (ids) {
  let last = 'none';
  [1, 2].forEach(async (id) => {
    const user = await getUser(id);
    last = id;
    const order = await getOrder(id);
    show(id, user, order, last);
  });
};
