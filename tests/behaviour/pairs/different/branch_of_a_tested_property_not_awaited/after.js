async function ship(order) {
  const state = await check(order);
  let slip;
  if (state.paid) {
    slip = await pack(order);
  } else {
    slip = remind(order);
  }
  return file(slip);
}
