exports.some = async function () {
  const out = await Promise.all([1, 2].map(async (id) => {
    if (id === 1) return;
    return getUser(id);
  }));
  return out;
};
