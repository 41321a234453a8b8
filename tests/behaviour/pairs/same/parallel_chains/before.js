function page(id) {
  const user = getUser(id);
  const news = getNews();
  return Promise.all([user, news]).then(([u, n]) => render(u, n));
}
