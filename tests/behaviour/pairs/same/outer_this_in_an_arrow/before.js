class Store {
  constructor(db) {
    this.db = db;
    this.loads = 0;
  }

  load(id) {
    return this.db.find(id).then((row) => {
      this.loads += 1;
      return this.hydrate(row);
    });
  }

  hydrate(row) {
    return { row };
  }
}

module.exports = Store;
