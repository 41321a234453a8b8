// behaviour: overlap
exports.load = async function () {
  for (let i = 0; i < 2; i++) {
    try {
      for (let j = 0; j < 2; j++) {
        await get();
      }
    } catch (failure) {
      report();
    }
  }
};
