let last = 'none';

exports.load = async function (keys) {
  const total = [];
  last = keys.length;
  const results = await Promise.all(
    Array.from(keys, async (key) => {
      const row = await read(key);
      return { key, row };
    }),
  );
  for (const { key, row } of results) {
    last = key;
    total.push(row);
  }
  return total;
};
