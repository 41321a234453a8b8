// What people write first: everything at once.
/** The pages of all users. `get` is the one of the code that is measured. */
export async function exportUsers(base, ids, get) {
  const pages = await Promise.all(ids.map((id) => get(`${base}/users/${id}`)));
  return pages.map((page) => page.id);
}
