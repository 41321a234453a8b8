function schedule(job) {
  check(job);
  enqueue(job).catch((err) => report(err));
}
