async function page(id) {
  try {
    const user = await getUser(id);
    const [orders, { list: prices }] = await Promise.all([
      getOrders(user.id),
      (async () => getPrices(user.plan))(),
    ]);
    return { orders, prices };
  } catch (error) {
    report(error);
    return null;
  } finally {
    close();
  }
}
