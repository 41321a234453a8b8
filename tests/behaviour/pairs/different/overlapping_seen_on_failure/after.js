class Page {
  async load(id) {
    [this.user, this.orders] = await Promise.all([getUser(id), (async () => getOrders(id))()]);
  }
}
module.exports = Page;
