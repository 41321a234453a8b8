async function page(id) {
  const pendingUser = getUser(id);
  const pendingNews = getNews();
  const user = await pendingUser;
  const news = await pendingNews;
  return render(user, news);
}
