// behaviour: overlap
exports.store = {
  async refresh() {
    const users = await Promise.all([1, 2].map(async (id) => getUser()));
    for (const user of users) {
      this.user = user;
    }
  },
};
