// behaviour: overlap
// behaviour: steady *
exports.load = async function (ids) {
  const out = [];
  for (const id of [1, 2]) {
    await note(id);
    out.push(await getUser(id));
  }
  return out;
};
