// behaviour: overlap
// behaviour: steady *
exports.load = async function (id) {
  const options = undefined;
  const user = await getUser(id);
  const { name } = options;
  const orders = await getOrders(id);
  return render(user, orders, name);
};

exports.each = async function () {
  const out = [];
  for (const id of [null, 3]) {
    note(id.length);
    out.push(await getUser(id));
  }
  return out;
};

exports.some = async function () {
  const out = [];
  for (const id of [1, 2]) {
    if (id === 1) throw 1;
    out.push(await getUser(id));
  }
  return out;
};
