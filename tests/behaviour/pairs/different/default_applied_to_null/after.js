async function greet(id) {
  const name = (await lookup(id)) ?? 'stranger';
  return say(name);
}
