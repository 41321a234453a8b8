async function load(id) {
  const found = await find(id);
  let row;
  if (!found) {
    row = await create(id);
  } else {
    row = await touch(found);
  }
  return present(row);
}
