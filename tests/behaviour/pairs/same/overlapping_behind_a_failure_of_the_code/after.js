exports.load = async function (id) {
  const options = undefined;
  const [user, orders] = await Promise.all([getUser(id), getOrders(id)]);
  const { name } = options;
  return render(user, orders, name);
};

exports.each = async function () {
  const out = await Promise.all([null, 3].map(async (id) => {
    note(id.length);
    return getUser(id);
  }));
  return out;
};

exports.some = async function () {
  const out = await Promise.all([1, 2].map(async (id) => {
    if (id === 1) throw 1;
    return getUser(id);
  }));
  return out;
};
