function findUser(id) {
  return lookup(id).then((row) => {
    if (!row) throw new Error('no such user');
    return row;
  });
}

exports.greet = (id) =>
  findUser(id)
    .then((user) => say(user))
    .catch((err) => report(err));
