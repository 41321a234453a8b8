// behaviour: overlap
exports.store = {
  async refresh() {
    for (const id of [1, 2]) {
      const user = await getUser();
      this.user = user;
    }
  },
};
