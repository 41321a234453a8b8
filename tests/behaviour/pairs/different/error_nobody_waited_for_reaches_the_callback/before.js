function name(id, done) {
  load(id).then((user) => log(user.name.first));
  done(null, id);
}

module.exports = name;
