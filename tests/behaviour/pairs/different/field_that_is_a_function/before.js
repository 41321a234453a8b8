class Feed {
  cursor = null;

  more = () => after(this.cursor).then((page) => {
    this.cursor = page.next;
    return show(page);
  });
}
