exports.load = async function (user) {
  await undefined;
  log(user);
  const [name, size] = await Promise.all([read(user), measure(user)]);
  return [name, size];
};
