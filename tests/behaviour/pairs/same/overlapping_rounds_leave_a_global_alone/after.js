exports.load = async function (value) {
  const results = await Promise.all([value, 3].map(async (id) => measure(id)));
  for (const size of results) {
    total += size;
  }
};
