exports.load = async function (id) {
  const name = () => 'someone';
  await getUser(id);
  log(`made ${name}`);
};
