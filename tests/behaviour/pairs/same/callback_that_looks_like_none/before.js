function first(id) {
  api.send(id, function (err) {
    if (err) throw err;
    api.send(id, finish);
  });
}

function second(id) {
  return load(id).then((user) => show(user));
}
