async function perform(action) {
  switch (action.type) {
    case 'open': {
      const file = await open(action.path);
      return file;
    }
    default:
      return Promise.reject(unknown(action));
  }
}
