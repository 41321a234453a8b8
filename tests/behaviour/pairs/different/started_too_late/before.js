function page(id) {
  const news = getNews();
  return getUser(id).then((user) => news.then((list) => render(user, list)));
}
