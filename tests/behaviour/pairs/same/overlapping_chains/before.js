// behaviour: overlap
async function page() {
  const user = await (await fetch('/user')).json();
  const orders = await (await fetch('/orders')).json();
  return render(user, orders);
}
