'use strict';

class Store {
  load(id) {
    return getUser(id).then(function (user) {
      return record(this, user);
    });
  }
}

module.exports = { Store };
