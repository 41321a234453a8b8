async function load(id, mode) {
  await getUser(id);
  return record(arguments.length, arguments[0]);
}
