async function page(id) {
  const [user, orders] = await Promise.all([getUser(id), undefined]);
  return render(user, orders);
}
