function withConnection(pool) {
  return query(pool)
    .then((rows) => first(rows))
    .finally(() => release(pool));
}
