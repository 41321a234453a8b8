function run(db) {
  return query(db).finally(() => close(db));
}
