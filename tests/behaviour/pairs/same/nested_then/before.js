exports.invoice = function (id) {
  return getUser(id).then(function (user) {
    return getCart(user.id).then(function (cart) {
      return price(user, cart);
    });
  });
};
