async function findUser(id) {
  const row = await lookup(id);
  if (!row) throw new Error('no such user');
  return row;
}

exports.greet = (id) =>
  findUser(id)
    .then((user) => say(user))
    .catch((err) => report(err));
