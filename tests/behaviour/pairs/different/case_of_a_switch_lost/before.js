function perform(action) {
  switch (action.type) {
    case 'open':
      return open(action.path).then((file) => show(file));
    default:
      return Promise.reject(unknown(action));
  }
}
