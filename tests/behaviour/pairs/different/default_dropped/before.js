function greet(id) {
  return lookup(id).then((name = 'stranger') => say(name));
}
