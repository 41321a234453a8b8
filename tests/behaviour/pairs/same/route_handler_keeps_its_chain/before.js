module.exports = (app, db) => {
  app.get('/users/:id', (req, res, next) => {
    findUser(db, req.params.id)
      .then((user) => res.json(user))
      .catch(next);
  });
};

function findUser(db, id) {
  return db.users.find(id).then((row) => {
    if (!row) throw new Error('no such user');
    return row;
  });
}
