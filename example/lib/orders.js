'use strict';

const fs = require('fs');
const api = require('./api');

// Orders are cached for a minute.
const cache = new Map();

function loadConfig(path) {
  return new Promise((resolve, reject) => {
    fs.readFile(path, 'utf8', (err, text) => {
      if (err) {
        reject(err);
        return;
      }
      resolve(JSON.parse(text));
    });
  });
}

function loadOrders(userId) {
  return api.getUser(userId)
    .then(user => {
      // Guests have no history.
      if (user.guest) return [];

      return api.getOrders(user).then(orders => {
        cache.set(userId, orders);
        return orders.filter(order => order.owner === user.id);
      });
    })
    .catch(err => {
      if (cache.has(userId)) return cache.get(userId);
      throw err;
    });
}

function checkout(order) {
  return api.reserve(order)
    .then(reservation => api.pay(reservation, order.total))
    .then(receipt => {
      console.log(`order ${order.id} paid`);
      return receipt;
    })
    .finally(() => api.release(order));
}

// Nobody waits for this one, so it is left as it is.
function warmUp(userIds) {
  userIds.forEach(id => {
    loadOrders(id).then(orders => console.log(`${id}: ${orders.length}`));
  });
}

module.exports = { loadConfig, loadOrders, checkout, warmUp };
