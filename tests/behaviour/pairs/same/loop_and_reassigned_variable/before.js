let total = 0;

export async function sum(items) {
  for (const item of items) {
    await weigh(item).then((weight) => {
      total = total + weight;
      return note(total);
    });
  }
  return total;
}
