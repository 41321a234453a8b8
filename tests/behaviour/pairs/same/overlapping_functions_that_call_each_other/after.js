// behaviour: overlap
let again;
exports.start = async () => {
  again = async () => load(again);
  const [user, other] = await Promise.all([getUser(again), load()]);
};
