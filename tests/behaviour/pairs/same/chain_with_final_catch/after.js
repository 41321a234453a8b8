async function load(id) {
  // Called outside of the try block: what it throws at once was never the handler's.
  const pending = getUser(id);
  try {
    const user = await pending;
    return await getOrders(user.id);
  } catch (err) {
    report(err);
    return [];
  }
}
