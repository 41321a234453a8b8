// behaviour: overlap
async function page(id) {
  try {
    const user = await getUser(id);
    const orders = await getOrders(user.id);
    const prices = (await getPrices(user.plan)).list;
    return { orders, prices };
  } catch (error) {
    report(error);
    return null;
  } finally {
    close();
  }
}
