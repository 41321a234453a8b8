exports.load = (id) =>
  new Promise(async (resolve) => {
    const user = await getUser(id);
    resolve(render(user));
  });
