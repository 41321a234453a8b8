// behaviour: overlap
exports.report = async (day) => {
  const [all, last] = await Promise.all([
    Promise.all([day, 3].map(async (one) => {
      const user = await getUser(one);
      return load(one);
    })),
    (async () => load(day))(),
  ]);
  show(last);
};
