async function load(id) {
  const all = await getUser(id);
  return record(all);
}
