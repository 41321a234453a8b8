// behaviour: overlap
// behaviour: steady *
exports.some = async function () {
  const out = [];
  for (const id of [1, 2]) {
    if (id === 1) throw 1;
    out.push(await getUser(id));
  }
  return out;
};
