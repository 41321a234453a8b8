function first(id) {
  api.send(id, function (err) {
    if (err) throw err;
    api.send(id, finish);
  });
}

async function second(id) {
  const user = await load(id);
  return show(user);
}
