exports.load = async function (id) {
  try {
    const { name } = await getUser(id);
    await name;
  } catch (error) {
    log(`failed: ${error}`);
  }
};
