export async function saveAll(items) {
  await Promise.all(Array.from(items, (item) => save(item)));
}
