function load(id, mode) {
  return getUser(id).then(function () {
    return record(arguments.length, arguments[0]);
  });
}
