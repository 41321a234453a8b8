exports.invoice = async function (id) {
  const user = await getUser(id);
  const cart = await getCart(user.id);
  return price(user, cart);
};
