exports.load = async function (id) {
  try {
    await getUser(id).then(({ name }) => name);
  } catch (error) {
    log(`failed: ${error}`);
  }
};
