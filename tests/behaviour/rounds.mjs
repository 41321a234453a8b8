// Rounds of `forEach` with an async function. They are under way at the same time before a rewrite as after it, so which
// of them, or the code behind them, is the first to call something is a matter of time. Calls are numbered within their round therefore, and know
// which one they are made in.

import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();
const { forEach } = Array.prototype;
const AsyncFunction = (async () => {}).constructor;

/** Rounds of one list that are told apart. */
const MAX_ROUNDS = 9;

/** What stands around all rounds. */
let outermost = { path: '', count: 0 };

/** Begins a run anew. */
export function forgetRounds() {
  outermost = { path: '', count: 0 };
}

/** The rounds that the code at hand runs in, as digits, the outermost first; empty outside of all. */
export const currentRound = () => (storage.getStore() ?? outermost).path;

/** Has rounds told apart from now on; returns what ends that. */
export function tellRoundsApart() {
  Array.prototype.forEach = function (callback, self) {
    if (!(callback instanceof AsyncFunction)) return Reflect.apply(forEach, this, [callback, self]);
    const around = storage.getStore() ?? outermost;
    const round = (...args) => {
      if (around.count === MAX_ROUNDS) return Reflect.apply(callback, self, args);
      return storage.run({ path: `${around.path}${++around.count}`, count: 0 }, () => Reflect.apply(callback, self, args));
    };
    return Reflect.apply(forEach, this, [round]);
  };
  return () => {
    Array.prototype.forEach = forEach;
    storage.disable();
  };
}
