function load(id) {
  return find(id)
    .then((row) => {
      if (!row) return create(id);
      return touch(row);
    })
    .then((row) => present(row));
}
