export function within(ms, job) {
  const late = new Promise((_, reject) => setTimeout(reject, ms, new Error('late')));
  return Promise.race([run(job), late]);
}
