function load(id) {
  return new Promise((resolve, reject) => {
    getUser(id).then(resolve, reject);
  });
}
