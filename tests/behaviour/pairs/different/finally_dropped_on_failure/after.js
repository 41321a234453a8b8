async function run(db) {
  const rows = await query(db);
  await close(db);
  return rows;
}
