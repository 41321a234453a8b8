async function load(id) {
  const row = await find(id);
  if (!row) return create(id);
  const touched = await touch(row);
  return present(touched);
}
