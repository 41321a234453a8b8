import { get } from './client.mjs';

/** The pages of all users. */
export async function exportUsers(base, ids) {
  const pages = [];
  for (const id of ids) {
    pages.push(await get(`${base}/users/${id}`));
  }
  return pages.map((page) => page.id);
}
