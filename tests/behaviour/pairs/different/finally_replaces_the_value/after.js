async function run(db) {
  const pending = query(db);
  try {
    return await pending;
  } finally {
    return close(db);
  }
}
