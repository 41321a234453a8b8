exports.load = async function () {
  for (let i = 0; i < 2; i++) {
    try {
      await Promise.all(Array.from({ length: 2 }).map(async (_, j) => {
        await get();
      }));
    } catch (failure) {
      report();
    }
  }
};
