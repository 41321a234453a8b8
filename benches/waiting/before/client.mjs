/** Fetches a page of the benchmark's server and gives its items. */
export async function get(url) {
  const response = await fetch(url);
  return response.json();
}
