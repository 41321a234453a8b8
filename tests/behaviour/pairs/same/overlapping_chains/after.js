async function page() {
  const [user, orders] = await Promise.all([
    (async () => (await fetch('/user')).json())(),
    (async () => (await fetch('/orders')).json())(),
  ]);
  return render(user, orders);
}
