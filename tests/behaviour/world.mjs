// One run of a program: the decisions that make up its world, the log of what an outsider sees, and the virtual
// scheduler on which everything asynchronous completes.
//
// All asynchronous completions are operations in one list. One of them completes a turn, and a turn is a real
// macrotask: by its end every promise reaction has run and Node has said which rejections nobody handles. So the
// number of microtasks that something takes can't be seen (accepted difference A1), and a hang is the list being
// empty, not a clock running out.

import { isThrownByLast } from './async-library.mjs';
import { isTimerHandle } from './builtins.mjs';
import { handedOver, isCallbackName } from './calls.mjs';
import { fallsThrough } from './ends.mjs';
import { isRouteHandler, parametersOf } from './lexer.mjs';
import { currentRound, forgetRounds } from './rounds.mjs';
import { forget, infoOf, isEngineError, register, summarise } from './summary.mjs';

/** Calls of stubs after which a run is cut off; what was logged so far still counts. */
const MAX_CALLS = 250;
/** Turns after which a run is cut off. */
const MAX_TURNS = 250;
/** Steps of a turn that are told apart; each is what the promises settled in the step before bring about. */
const MAX_STEPS = 40;
/** How the key of an operation ends that was under way before the code under test began. */
export const STANDING = ' settled';

/** Thrown out of stubs once a run is cut off, to get out of endless loops. */
class CutOff extends Error {}

/** The run that events of the process belong to. */
let current;

process.on('unhandledRejection', (reason) => current?.unhandled(reason));
process.on('uncaughtException', (error) => current?.uncaught(error, 'tick'));

/** A turn of the event loop: microtasks, ticks and reports of unhandled rejections are done when it is over. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** How a world is bent: a question's answer is the first of its menu unless the schedule says otherwise. */
export class World {
  /** @param decisions map from a question's key to the answer. @param profile what is known of the stubs. */
  constructor(decisions, profile) {
    this.decisions = decisions;
    this.profile = profile;
    /** Questions in the order in which they came up: `{ key, menu }`. */
    this.asked = [];
    this.askedKeys = new Set();
    this.segments = [];
    this.counts = new Map();
    this.tokens = new Map();
    this.pending = [];
    this.clock = 0;
    this.calls = 0;
    this.dead = undefined;
    this.listening = false;
    this.open = new Map();
    this.learned = [];
    this.results = [];
    /** What the code under test has thrown by a statement. */
    this.thrown = new Set();
    /** The calls of stubs that were handed a callback. */
    this.withCallback = new Set();
    /** The call that fails, too, with what its callback throws. */
    this.retold = undefined;
    /** Whether a promise form was called in a way in which the function beside it throws by a statement. */
    this.isMoot = false;
    /** How many steps the turn at hand has taken: 1 is what the promises bring about that were settled as it began. */
    this.step = 0;
    this.segment('start');
    current = this;
    forget();
    forgetRounds();
  }

  /** Answers a question. `menu` is a list of `[answer, weight]`; the first is what normally happens. */
  decide(key, menu) {
    const chosen = this.listening ? this.decisions.get(key) : undefined;
    if (this.listening && !this.askedKeys.has(key) && menu.length > 1) {
      this.askedKeys.add(key);
      this.asked.push({ key, menu });
    }
    return chosen ?? menu[0][0];
  }

  /**
   * The how-manieth of its name this is, from 1. Where calls may pass each other, those with other arguments are counted
   * apart: the digits of the round and of the arguments stand in front.
   */
  count(name, given = '') {
    const apart = this.profile.overlapping && given !== '' ? this.numberOf(`${name}(${given})`) : 0;
    const round = currentRound();
    const place = `${round} ${apart} ${name}`;
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    return Number(round) * 1_000_000 + apart * 1000 + count;
  }

  /** The same number for the same call in each run, from 1. */
  numberOf(call) {
    const { argumentLists } = this.profile;
    if (!argumentLists.has(call)) argumentLists.set(call, argumentLists.size + 1);
    return argumentLists.get(call);
  }

  /** Starts a new stretch of the log: all that follows from one completion. */
  segment(by) {
    this.step = 0;
    this.segments.push({ by, events: [], settled: [], unhandled: [] });
    this.countSteps();
  }

  /** Logs an event whose place in the order of events counts. */
  log(kind, text, more = {}) {
    if (!this.dead) this.segments.at(-1).events.push({ kind, text, step: this.step, round: currentRound(), ...more });
  }

  /** Something found out about a stub that the exploration should know before it goes on. */
  learn(fact, name) {
    this.learned.push({ fact, name });
  }

  /** Counts a call of a stub, and ends a run that makes too many. */
  tick() {
    if (++this.calls > MAX_CALLS) this.dead ??= 'too many calls';
    if (this.dead) throw new CutOff();
  }

  unhandled(reason) {
    if (!this.dead && !(reason instanceof CutOff)) this.segments.at(-1).unhandled.push(summarise(reason));
  }

  /** An error that nothing catches ends a process, so it ends the run. `via` says what it came out of. */
  uncaught(error, via) {
    if (this.dead || error instanceof CutOff) return;
    const thrownByCallback = infoOf(error)?.byCallback === true;
    const origin = isThrownByLast(error) ? 'callback' : via;
    this.log('uncaught', summarise(error), { via: origin, thrownByCallback, error: summarise(error) });
    this.dead = 'uncaught';
  }

  /**
   * Adds an operation that completes on a turn of its own. `due` is given for timers: they complete after
   * everything else, in the order in which they are due, unless the schedule hurries them.
   */
  schedule(key, run, due) {
    const operation = { key, run, due, timer: due !== undefined, stands: key.endsWith(STANDING) };
    this.pending.push(operation);
    return operation;
  }

  cancel(operation) {
    this.pending = this.pending.filter((other) => other !== operation);
  }

  next() {
    if (this.pending.length === 0) return undefined;
    let best = this.pending[0];
    if (this.pending.length > 1) {
      for (const operation of this.pending) this.rank(operation);
      for (const operation of this.pending) if (before(operation, best)) best = operation;
    }
    this.cancel(best);
    if (best.due > this.clock) this.clock = best.due;
    return best;
  }

  /**
   * Completion order: one that is to complete at once, then what was under way before the code under test asked for it, whenever
   * that was, then quick ones in the order in which they began, then slow ones, then timers.
   */
  rank(operation) {
    if (operation.timer) {
      operation.rank = this.decide(`order ${operation.key}`, [['due', 0], ['early', 2]]) === 'early' ? 0 : 3;
    } else {
      const order = this.decide(`order ${operation.key}`, [['in turn', 0], ['late', 1]]);
      const rank = { late: 2, 'at once': 0 }[order] ?? 1;
      operation.rank = operation.stands ? rank - 0.5 : rank;
    }
  }

  /** Counts the steps of the turn that begins: what is queued here runs in front of what the code at hand brings about. */
  countSteps(segment = this.segments.at(-1)) {
    if (!this.profile.overlapping) return;
    queueMicrotask(() => {
      if (segment === this.segments.at(-1) && ++this.step < MAX_STEPS) this.countSteps(segment);
    });
  }

  /** Lets everything that is pending complete, one operation a turn. */
  async drain() {
    await turn();
    for (let turns = 0, operation; !this.dead && (operation = this.next()); turns++) {
      if (turns > MAX_TURNS) {
        this.dead = 'too many turns';
        break;
      }
      this.segment(operation.key);
      operation.run();
      await turn();
    }
  }

  /** Calls into the code under test from outside, and logs what comes back, now and later. */
  enter(label, fn, self, args) {
    if (this.dead) return;
    this.log('enter', label);
    let result;
    try {
      result = Reflect.apply(fn, self, args);
    } catch (error) {
      if (!(error instanceof CutOff)) this.threw(label, error);
      return;
    }
    if (!infoOf(fn) && isRouteHandler(fn)) {
      this.log('returned', `${label}: what nobody looks at`, { label, promise: isPromise(result) });
      if (isPromise(result)) this.observeHandler(label, result);
    } else if (isPromise(result)) {
      this.log('returned', `${label}: promise`, { label, promise: true });
      this.observe(label, result);
    } else {
      const isHandle = isTimerHandle(result) && parametersOf(fn).some(({ name }) => isCallbackName(name));
      this.log('returned', `${label}: ${summarise(result)}`, { label, isHandle, mayReturnNothing: isHandle && fallsThrough(fn) });
      if (!isHandle) this.results.push({ label, value: result });
    }
  }

  /** Of a handler's promise nothing counts but a rejection, which nobody looks after. */
  observeHandler(label, promise) {
    promise.catch((value) => {
      if (value instanceof CutOff || this.dead) return;
      this.segments.at(-1).settled.push({ label, how: 'rejected', value: summarise(value) });
    });
  }

  threw(label, error) {
    this.log('threw', `${label}: ${summarise(error)}`, {
      label,
      error: summarise(error),
      thrownByCallback: infoOf(error)?.byCallback === true,
      thrownIn: infoOf(error)?.thrownIn,
      implicit: this.isImplicit(error),
    });
  }

  /** Whether no statement of the code under test threw an error, but a stub did, or the engine. */
  isImplicit(error) {
    return (infoOf(error)?.kind === 'error' || isEngineError(error)) && !this.thrown.has(error);
  }

  /** Waits for a promise that was handed out. How it settles is seen in the turn in which it does. */
  observe(label, promise) {
    this.open.set(label, (this.open.get(label) ?? 0) + 1);
    const settled = (how) => (value) => {
      if (value instanceof CutOff) return;
      this.open.set(label, this.open.get(label) - 1);
      if (!this.dead) this.segments.at(-1).settled.push({ label, how, value: summarise(value) });
      if (how === 'fulfilled') this.results.push({ label: `${label} value`, value });
    };
    promise.then(settled('fulfilled'), settled('rejected'));
  }

  /**
   * A function with a callback as its promise form has to be: it settles as the callback is called. What the function
   * itself throws at once rejects (A2), but a check that is a statement of its own stays with it.
   */
  promiseForm(fn, index) {
    const world = this;
    return function (...args) {
      return new Promise((resolve, reject) => {
        let calls = 0;
        const callback = (error, value) => {
          handedOver([error, value]);
          if (++calls > 1) world.log('callback', `call ${calls} of one callback`);
          else if (error) reject(error);
          else resolve(value);
        };
        args.splice(index, 0, register(callback, { kind: 'callback', name: 'callback' }));
        try {
          Reflect.apply(fn, this, args);
        } catch (error) {
          if (!(error instanceof CutOff) && !world.isImplicit(error)) world.isMoot = true;
          throw error;
        }
      });
    };
  }

  /** Calls an error-first callback from outside. */
  callBack(key, fn, args) {
    try {
      fn(...args);
    } catch (error) {
      if (key !== this.retold) return this.uncaught(error, 'callback');
      this.retold = undefined;
      this.callBack(key, fn, [error]);
    }
  }

  /** An error of the world's own making. */
  error(key, properties = {}) {
    const message = `${key} failed`;
    return register(Object.assign(new Error(message), properties), { kind: 'error', name: key, message });
  }

  /** The labels of promises that were handed out and never settled. */
  hanging() {
    return [...this.open].filter(([, count]) => count > 0).map(([label]) => label);
  }
}

function before(a, b) {
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.timer && b.timer && a.due < b.due;
}

/** Whether a value is a promise to its receiver. Asking a token for `then` would count as treating it as one. */
export function isPromise(value) {
  const info = infoOf(value);
  return info ? info.kind === 'promise' : typeof value?.then === 'function';
}
