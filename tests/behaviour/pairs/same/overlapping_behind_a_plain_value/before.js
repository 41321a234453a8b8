// behaviour: overlap
// behaviour: sync format
// behaviour: steady *
async function page(ids) {
  const out = [];
  for (const id of [ids, 3]) {
    const label = await format(id);
    out.push(await getUser(id, label));
  }
  return out;
}
