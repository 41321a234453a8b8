export function load(id) {
  return getUser(check(id));
}
