// behaviour: overlap
let again;
exports.start = async () => {
  again = async () => load(again);
  const user = await getUser(again);
  const other = await load();
};
