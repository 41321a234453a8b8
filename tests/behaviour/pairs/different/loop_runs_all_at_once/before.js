export async function saveAll(items) {
  for (const item of items) {
    await save(item);
  }
}
