exports.load = function (id) {
  let make;
  return getUser(id).then((user) => {
    make = async () => getOrders(user);
  }).then(() => {
    log(`made ${make}`);
  });
};
