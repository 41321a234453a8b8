let handler = () => first();

async function run(id) {
  const pending = getUser(id);
  handler = () => second();
  return handler(await pending);
}
