let handler = () => first();

function run(id) {
  const result = getUser(id).then(handler);
  handler = () => second();
  return result;
}
