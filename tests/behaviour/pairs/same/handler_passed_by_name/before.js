function show(id) {
  return getUser(id).then(render);
}
