// behaviour: overlap
exports.both = async () => {
  const [b, a] = await Promise.all([load(), load()]);
  return [a, b];
};
