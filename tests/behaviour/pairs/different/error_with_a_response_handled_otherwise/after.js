async function fetchPage(url) {
  const pending = get(url);
  try {
    return await pending;
  } catch (err) {
    if (err.response.retry) return null;
    throw err;
  }
}
