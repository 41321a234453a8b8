async function withConnection(pool) {
  const pending = query(pool);
  try {
    const rows = await pending;
    return await first(rows);
  } finally {
    await release(pool);
  }
}
