// Stand-ins for everything that the code under test does not define: free names, imported modules, arguments,
// results. A token is named by where it came from (`getUser#1.id`), and is the same object whenever that place is
// asked for again, so that the log can tell who is who.

import { call, fireListener, standingPromise } from './calls.mjs';
import { COMPUTED } from './lexer.mjs';
import { topmostFrame } from './frames.mjs';
import { infoOf, register, summarise } from './summary.mjs';

const PROMISE_LIKE = new Set(['then', 'catch', 'finally']);
const CUSTOM = Symbol.for('nodejs.util.promisify.custom');

/** A name without the ordinals in it: what is learned of `getUser#1.save` holds for `getUser#2.save` too. */
export const generic = (name) => name.replace(/#\d+/g, '').replace(/\[\d+\]/g, '[]');

/**
 * The token of a name. `options`: `callable` (so that `typeof` is `function`), `owner` (the token it is a property
 * of), `native` (what is known of a Node built-in), `fixed` (properties that have a value of their own), `call` (the
 * stub that it is a result of), `plain` (a result that did not come through a promise or a callback), `settled` (no promise again).
 */
export function token(world, name, options = {}) {
  const place = options.native?.form === 'promise' ? `${name} promise` : name;
  const known = world.tokens.get(place);
  if (known) return known;
  const target = options.callable === false ? {} : function () {};
  const info = { kind: 'token', name, world, target, set: undefined, proxy: undefined, ...options };
  const proxy = register(new Proxy(target, new TokenHandler(info)), info);
  info.proxy = proxy;
  world.tokens.set(place, proxy);
  return proxy;
}

/** The traps of a token. A class, so that a token costs one small object and not a closure for each trap. */
class TokenHandler {
  constructor(info) {
    this.info = info;
  }

  get(target, key) {
    return read(this.info, target, key);
  }

  set(_, key, value) {
    return this.write(key, value, `${this.info.name}.${String(key)} = ${summarise(value)}`);
  }

  deleteProperty(_, key) {
    return this.write(key, undefined, `delete ${this.info.name}.${String(key)}`);
  }

  defineProperty(_, key, { value }) {
    return this.write(key, value, `define ${this.info.name}.${String(key)} = ${summarise(value)}`);
  }

  write(key, value, shown) {
    this.info.world.log('set', shown);
    this.info.set = (this.info.set ?? new Map()).set(key, value);
    if (/^on/.test(String(key))) fireListener(this.info.world, `${this.info.name}.${String(key)}`, value);
    return true;
  }

  has(_, key) {
    return typeof key === 'string' && !PROMISE_LIKE.has(key);
  }

  /** One key that stands for all that a token may hold, so that copying its properties leaves a trace. */
  ownKeys(target) {
    const own = Reflect.ownKeys(target).filter((key) => key === 'prototype');
    return [...own, `...${this.info.name}`, ...(this.info.set?.keys() ?? [])];
  }

  getOwnPropertyDescriptor(target, key) {
    const { name, set } = this.info;
    if (key === 'prototype' && typeof target === 'function') return Reflect.getOwnPropertyDescriptor(target, key);
    if (key !== `...${name}` && !set?.has(key)) return undefined;
    return { value: set?.has(key) ? set.get(key) : name, enumerable: true, configurable: true, writable: true };
  }

  apply(_, self, args) {
    return call(this.info.world, this.info, self, args);
  }

  construct(target, args, newTarget) {
    return construct(this.info, target, args, newTarget);
  }
}

function read(info, target, key) {
  const { world, name } = info;
  if (typeof key === 'symbol') return readSymbol(info, key);
  if (info.fixed && Object.hasOwn(info.fixed, key)) return info.fixed[key];
  if (info.set?.has(key)) return info.set.get(key);
  if (PROMISE_LIKE.has(key)) return promiseMember(info, key);
  if (key === 'prototype' && info.callable !== false) return prototypeOf(info, target);
  if (key === 'constructor') return Object;
  if (key === 'toString' || key === 'valueOf') return () => text(info);
  if (key === 'toJSON') return () => `«${name}»`;
  if (info.callable !== false && /^(?:call|apply|bind)$/.test(key)) return Function.prototype[key];
  if (key === 'length') return readHinted(info, key, 2);
  return readHinted(info, key, undefined);
}

/**
 * `then`, `catch` or `finally` of a token. Code that calls one on a stub's plain result, or on a property, takes it for
 * a promise, so it shall be one from now on. Where it is the engine that asks, because the token is awaited or a promise
 * is resolved with it, the token may turn out to be a promise: any value that is not a stub's result can be one.
 */
function promiseMember(info, key) {
  const { world, name, call: made, plain, settled } = info;
  if ((made && !plain) || settled || (!made && world.profile.plain.has(generic(name)))) return undefined;
  if (usedAsPromise(world, key)) world.learn(made ? 'promise' : 'promise value', generic(made ?? name));
  else if (!made && world.decide(`awaited ${name}`, [['value', 0], ['promise', 2]]) === 'promise') {
    return (fulfilled, rejected) => standingPromise(world, name).then(fulfilled, rejected);
  }
  return undefined;
}

/** A property: usually a token of its own, other values where the code is seen to ask for them. */
function readHinted(info, key, constant) {
  const { world } = info;
  const name = /^\d+$/.test(key) ? `${info.name}[${key}]` : `${info.name}.${key}`;
  if (world.profile.promiseValues.has(generic(name))) return standingPromise(world, name);
  const usual = () => constant ?? token(world, name, { owner: info, native: nativeProperty(info, key) });
  const hints = world.profile.hints.values.get(key.startsWith('«') ? COMPUTED : key);
  if (!hints || info.native) return usual();
  const values = [...hints].filter((value) => constant === undefined || value !== constant);
  const answer = world.decide(`property ${name}`, [['usual', 0], ...values.map((v, i) => [`=${i}`, 1])]);
  return answer === 'usual' ? usual() : values[Number(answer.slice(1))];
}

function nativeProperty(info, key) {
  return info.native?.property?.(key);
}

function readSymbol(info, key) {
  const { world, name } = info;
  if (key === Symbol.toPrimitive) return (hint) => (hint === 'number' ? numberOf(name) : text(info));
  if (key === Symbol.iterator) return () => [0, 1].map((i) => read(info, info.target, String(i)))[Symbol.iterator]();
  if (key === CUSTOM) return info.native?.promisified?.(info);
  if (key === Symbol.hasInstance) {
    return (value) => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
      return world.decide(`${summarise(value)} instanceof ${name}`, [['no', 0], ['yes', 1]]) === 'yes';
    };
  }
  return undefined;
}

const text = (info) => `«${info.name}»`;

/** A number that is the same for the same name, and seldom the same for another. */
export function numberOf(name) {
  let hash = 7;
  for (const char of name) hash = (hash * 31 + char.codePointAt(0)) % 9973;
  return hash + 1;
}

/** What a class that extends a token inherits: whatever it asks for. */
function prototypeOf(info, target) {
  info.prototype ??= new Proxy(target.prototype, {
    get(object, key) {
      if (typeof key === 'symbol' || key in object || PROMISE_LIKE.has(key)) return Reflect.get(object, key);
      return token(info.world, `${info.name}.prototype.${key}`, { owner: undefined, method: true });
    },
  });
  return info.prototype;
}

function construct(info, target, args, newTarget) {
  if (newTarget !== info.proxy) return Reflect.construct(target, [], newTarget);
  return call(info.world, info, undefined, args, true);
}

/**
 * Whether it is the code under test that reads `then`, to call it, rather than the engine, to find out whether a
 * value is a promise. The topmost frame stands at the property in the first case, elsewhere in the second.
 */
function usedAsPromise(world, key) {
  if (key !== 'then') return true;
  const frame = topmostFrame(world.profile.lines);
  return frame !== undefined && /^(?:\??\.\s*)?then\b/.test(frame.rest);
}

const watchedPrototype = new Proxy(Object.create(Promise.prototype), {
  get(target, key, receiver) {
    const info = infoOf(receiver);
    if (!info || key in target || (typeof key === 'symbol' && key !== Symbol.toPrimitive && key !== Symbol.iterator)) {
      return Reflect.get(target, key, receiver);
    }
    info.world.learn('sync', generic(info.call));
    const value = info.value();
    return infoOf(value)?.kind === 'token' ? value[key] : undefined;
  },
});

/**
 * A promise that a stub returns. It is a native one, but knows when it is used as if it were not a promise: then the
 * stub that returned it is a synchronous function. `value` gives the token that it stands for in this case.
 */
export function watchedPromise(world, callName, promise, value) {
  Object.setPrototypeOf(promise, watchedPrototype);
  return register(promise, { kind: 'promise', name: 'Promise', world, call: callName, value });
}
