const load = (id) =>
  readCache(id)
    .catch(() => fetchRemote(id))
    .then((value) => decode(value));
