async function page(id) {
  const user = await getUser(id);
  const news = await getNews();
  return render(user, news);
}
