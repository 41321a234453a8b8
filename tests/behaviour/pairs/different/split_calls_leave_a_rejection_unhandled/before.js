async function page(id) {
  const pendingUser = getUser(id);
  const pendingNews = getNews();
  const [user, news] = await Promise.all([pendingUser, pendingNews]);
  return render(user, news);
}
