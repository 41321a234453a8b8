async function schedule(job) {
  check(job);
  const pending = enqueue(job);
  try {
    await pending;
  } catch (err) {
    report(err);
  }
}
