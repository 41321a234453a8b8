async function greet(id) {
  const { 0: name = 'stranger' } = [await lookup(id)];
  return say(name);
}
