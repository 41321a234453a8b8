// The functions of the `async` library that the fixtures use, as its manual describes them: every task has a callback
// of its own, the first error ends it, results come in the order of the tasks.

import { handedOver } from './calls.mjs';

/** What last callbacks threw: the library calls them, in whichever turn, so it is a callback's body that threw. */
const thrown = new WeakSet();

export const isThrownByLast = (error) => typeof error === 'object' && error !== null && thrown.has(error);

/** A last callback whose errors are known again. */
const noting = (done) => (...args) => {
  try {
    return done(...args);
  } catch (error) {
    if (typeof error === 'object' && error !== null) thrown.add(error);
    throw error;
  }
};

/** Runs `work` for each key, at most `limit` at once, and hands over the results by key. */
function run(keys, limit, work, results, done = () => {}) {
  let next = 0;
  let running = 0;
  let left = keys.length;
  let ended = false;
  const end = (error) => {
    if (ended) return;
    ended = true;
    noting(done)(error || null, results);
  };
  if (left === 0) return end();
  const more = () => {
    while (!ended && running < limit && next < keys.length) {
      const key = keys[next++];
      let called = false;
      running += 1;
      work(key, (error, ...values) => {
        if (called) throw new Error('Callback was already called.');
        called = true;
        handedOver(values);
        running -= 1;
        left -= 1;
        if (!error) results[key] = values.length > 1 ? values : values[0];
        if (error || left === 0) end(error);
        else more();
      });
    }
  };
  more();
}

const tasksWith = (limit) => (tasks, ...rest) => {
  const done = rest.pop();
  run(Object.keys(tasks), limit ?? rest[0], (key, callback) => tasks[key](callback), Array.isArray(tasks) ? [] : {}, done);
};

const itemsWith = (limit, keep) => (items, ...rest) => {
  const bound = limit ?? rest.shift();
  const [iteratee, done = () => {}] = rest;
  const list = Array.from(items);
  const end = keep ? done : (error) => (error ? done(error) : done(null));
  run([...list.keys()], bound, (key, callback) => iteratee(list[key], callback), [], end);
};

function waterfall(tasks, done = () => {}) {
  const step = (index, values) => {
    if (index === tasks.length) return noting(done)(null, ...values);
    let called = false;
    tasks[index](...values, (error, ...more) => {
      if (called) throw new Error('Callback was already called.');
      called = true;
      handedOver(more);
      if (error) noting(done)(error, ...more);
      else step(index + 1, more);
    });
  };
  step(0, []);
}

const each = itemsWith(Infinity, false);
const eachSeries = itemsWith(1, false);
const eachLimit = itemsWith(undefined, false);

export default {
  series: tasksWith(1),
  parallel: tasksWith(Infinity),
  parallelLimit: tasksWith(undefined),
  waterfall,
  each,
  forEach: each,
  eachSeries,
  forEachSeries: eachSeries,
  eachLimit,
  forEachLimit: eachLimit,
  map: itemsWith(Infinity, true),
  mapSeries: itemsWith(1, true),
  mapLimit: itemsWith(undefined, true),
};
