export async function load(id) {
  return getUser(check(id));
}
// behaviour: sync check
