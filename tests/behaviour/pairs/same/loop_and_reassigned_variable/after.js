let total = 0;

export async function sum(items) {
  for (const item of items) {
    const weight = await weigh(item);
    total = total + weight;
    await note(total);
  }
  return total;
}
