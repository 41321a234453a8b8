export async function within(ms, job) {
  const late = new Promise((_, reject) => setTimeout(reject, ms, new Error('late')));
  const result = await run(job);
  return result;
}
