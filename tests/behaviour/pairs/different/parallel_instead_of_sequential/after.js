async function page(id) {
  const [user, news] = await Promise.all([getUser(id), getNews()]);
  return render(user, news);
}
