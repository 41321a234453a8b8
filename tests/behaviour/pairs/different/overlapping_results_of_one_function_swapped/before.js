// behaviour: overlap
exports.both = async () => {
  const a = await load();
  const b = await load();
  return [a, b];
};
