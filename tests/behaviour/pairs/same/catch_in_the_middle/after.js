const load = async (id) => {
  const pending = readCache(id);
  let value;
  try {
    value = await pending;
  } catch {
    value = await fetchRemote(id);
  }
  return decode(value);
};
