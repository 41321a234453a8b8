async function page(ids) {
  const out = await Promise.all([ids, 3].map(async (id) => {
    const label = await format(id);
    return getUser(id, label);
  }));
  return out;
}
