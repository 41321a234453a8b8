interface Row {
  id: number;
}

export class Store {
  constructor(private readonly db: Database) {}

  async load(row: Row): Promise<Row> {
    row = await this.db.find(row.id);
    return this.merge(row, row);
  }

  private merge(a: Row, b: Row): Row {
    return { ...a, ...b };
  }
}
