// behaviour: overlap
class Page {
  async load(id) {
    this.user = await getUser(id);
    this.orders = await getOrders(id);
  }
}
module.exports = Page;
