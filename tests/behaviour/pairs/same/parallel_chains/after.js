async function page(id) {
  const user = getUser(id);
  const news = getNews();
  const [u, n] = await Promise.all([user, news]);
  return render(u, n);
}
