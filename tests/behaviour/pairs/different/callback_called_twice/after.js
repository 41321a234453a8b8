async function load(id, done) {
  const pending = getUser(id);
  try {
    done(null, await pending);
  } catch (err) {
    done(err);
  }
}
