interface Row {
  id: number;
}

export class Store {
  constructor(private readonly db: Database) {}

  load(row: Row): Promise<Row> {
    return this.db.find(row.id).then((found: Row) => this.merge(row, found));
  }

  private merge(a: Row, b: Row): Row {
    return { ...a, ...b };
  }
}
