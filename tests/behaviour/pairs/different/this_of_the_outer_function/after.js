'use strict';

class Store {
  async load(id) {
    const user = await getUser(id);
    return record(this, user);
  }
}

module.exports = { Store };
