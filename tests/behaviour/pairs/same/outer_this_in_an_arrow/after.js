class Store {
  constructor(db) {
    this.db = db;
    this.loads = 0;
  }

  async load(id) {
    const row = await this.db.find(id);
    this.loads += 1;
    return this.hydrate(row);
  }

  hydrate(row) {
    return { row };
  }
}

module.exports = Store;
