// behaviour: overlap
exports.report = async (day) => {
  const all = [];
  for (const one of [day, 3]) {
    const user = await getUser(one);
    all.push(await load(one));
  }
  const last = await load(day);
  show(last);
};
