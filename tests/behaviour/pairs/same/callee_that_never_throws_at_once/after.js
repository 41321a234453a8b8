async function load(id) {
  try {
    const user = await getUser(id);
    return await getOrders(user.id);
  } catch (err) {
    return fallback(err);
  }
}
