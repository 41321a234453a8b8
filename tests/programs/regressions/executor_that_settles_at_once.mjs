const store = {
  async f5() {
    const a = await new Promise(async (resolve, reject) => {
      resolve(1);
    });
    f2(value, 1);
  },
};
export { store };
