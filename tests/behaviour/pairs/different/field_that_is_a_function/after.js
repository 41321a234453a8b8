class Feed {
  cursor = null;

  more = async () => {
    const page = await after(this.cursor);
    return show(page);
  };
}
