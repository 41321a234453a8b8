const find = (id, next) => load(id).then((user) => next(null, user), next);

function name(id, done) {
  find(id, (err, user) => {
    if (err) return done(err);
    done(null, user.name.first);
  });
}

module.exports = name;
