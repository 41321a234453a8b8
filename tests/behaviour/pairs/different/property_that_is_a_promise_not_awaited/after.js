async function entries(page) {
  const doc = await open(page);
  const list = doc.entries;
  return show(list);
}
