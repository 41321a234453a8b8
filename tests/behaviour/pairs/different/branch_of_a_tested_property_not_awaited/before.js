function ship(order) {
  return check(order)
    .then((state) => {
      if (state.paid) return pack(order);
      return remind(order);
    })
    .then((slip) => file(slip));
}
