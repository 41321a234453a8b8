import { get } from './client.mjs';

/** What a page about one user shows. */
export async function report(base, id) {
  const user = await get(`${base}/users/${id}`);
  const orders = await get(`${base}/orders/${user.id}`);
  const prices = await get(`${base}/prices/today`);
  const rates = await get(`${base}/rates/today`);
  const stock = await get(`${base}/stock/all`);
  return [user, orders, prices, rates, stock].map((page) => page.id);
}
