function fetchPage(url) {
  return get(url).catch((err) => {
    if (err.response.retry) return get(url);
    throw err;
  });
}
