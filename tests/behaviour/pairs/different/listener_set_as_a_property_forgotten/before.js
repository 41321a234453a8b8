function confirmed(dialog) {
  return new Promise((resolve, reject) => {
    dialog.onaccept = resolve;
    dialog.oncancel = () => reject(new Error('cancelled'));
    dialog.open();
  });
}
