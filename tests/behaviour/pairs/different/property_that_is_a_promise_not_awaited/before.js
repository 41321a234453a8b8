function entries(page) {
  return open(page)
    .then((doc) => doc.entries)
    .then((list) => show(list));
}
