module.exports = (app, db) => {
  app.get('/users/:id', (req, res, next) => {
    findUser(db, req.params.id)
      .then((user) => res.json(user))
      .catch(next);
  });
};

async function findUser(db, id) {
  const row = await db.users.find(id);
  if (!row) throw new Error('no such user');
  return row;
}
