exports.load = function (id) {
  const name = () => 'someone';
  return getUser(id).then(() => {
    log(`made ${name()}`);
  });
};
