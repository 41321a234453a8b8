exports.load = (id) => new Promise((resolve, reject) => {
  db.get(id, (err, row) => {
    if (err) return reject(err);
    check(row);
    resolve(row);
  });
}).catch(() => loadDefault(id));

// behaviour: sync check
