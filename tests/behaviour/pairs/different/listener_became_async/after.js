exports.attach = (socket) => {
  socket.on('message', async (text) => {
    const pending = decode(text);
    try {
      accept(await pending);
    } catch (err) {
      report(err);
    }
  });
};
