const find = (id, next) => { load(id).then((user) => next(null, user), next); };

function name(id, options) {
  return new Promise((resolve, reject) => {
    find(id, (err, user) => {
      if (err) return reject(err);
      resolve(user.name.first);
    });
  });
}

module.exports = name;
