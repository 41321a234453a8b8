async function greet(id) {
  const name = await lookup(id);
  return say(name);
}
