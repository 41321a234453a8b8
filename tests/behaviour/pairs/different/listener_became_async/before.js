exports.attach = (socket) => {
  socket.on('message', (text) => {
    decode(text).then((message) => accept(message)).catch((err) => report(err));
  });
};
