// The parts of Node that the code under test may ask for by name: built-in modules whose callback, promisified and
// promise forms are one and the same collaborator, timers on the virtual clock, and real modules where they only
// compute. Everything else is a plain token.

import assert from 'node:assert';
import buffer from 'node:buffer';
import events from 'node:events';
import path from 'node:path';
import querystring from 'node:querystring';
import url from 'node:url';
import util from 'node:util';
import asyncLibrary from './async-library.mjs';
import { handedOver, isCallbackName, looksErrorFirst, promisifiedBuiltin } from './calls.mjs';
import { parametersOf } from './lexer.mjs';
import { infoOf, register, registerForever, sourceOf, summarise } from './summary.mjs';
import { token } from './tokens.mjs';

const REAL = { assert, async: asyncLibrary, buffer, events, path, querystring, url, util, 'path/posix': path.posix };
const CUSTOM = util.promisify.custom;

/** Functions of `fs` that hand over no result. */
const NO_RESULT = new Set(
  ('access appendFile chmod chown close copyFile cp fchmod fchown fdatasync fsync ftruncate futimes lchmod lchown link ' +
    'lutimes mkdir rename rm rmdir symlink truncate unlink utimes writeFile').split(' '),
);
/** Functions with several results, by the names that their promise form gives them. */
const RESULTS = {
  'fs.read': ['bytesRead', 'buffer'], 'fs.readv': ['bytesRead', 'buffers'],
  'fs.write': ['bytesWritten', 'buffer'], 'fs.writev': ['bytesWritten', 'buffers'],
  'child_process.exec': ['stdout', 'stderr'], 'child_process.execFile': ['stdout', 'stderr'],
  'dns.lookup': ['address', 'family'], 'dns.lookupService': ['hostname', 'service'],
};
/** Functions of these modules that take no error-first callback; the rest take one if they are given a function. */
const NO_CALLBACK = /(?:Sync|^create|^watch|^unwatch|^constants$|^spawn|^fork|^get[A-Z]|Stream$|^set[A-Z])/;
const CALLBACK_MODULES = new Set(['fs', 'dns', 'child_process', 'crypto', 'zlib']);

/** Libraries of plain functions, whose `this` is nobody's concern. */
const LIBRARIES_WITHOUT_THIS = /^(?:lodash|underscore|ramda)\b/;
const WITHOUT_THIS = { unbound: true, property: () => WITHOUT_THIS };

const modules = new Map();

/** What is known of a built-in module in its callback or promise form. */
function builtinModule(module, form) {
  const known = modules.get(module + form);
  if (known) return known;
  const functions = new Map();
  const property = (key) => {
    if (!functions.has(key)) functions.set(key, builtinFunction(module, form, key));
    return functions.get(key);
  };
  modules.set(module + form, { form, property });
  return modules.get(module + form);
}

function builtinFunction(module, form, key) {
  if (key === 'promises') return builtinModule(module, 'promise');
  if (NO_CALLBACK.test(key)) return undefined;
  const results = RESULTS[`${module}.${key}`];
  return {
    form,
    results,
    noResult: module === 'fs' && NO_RESULT.has(key),
    handle: module === 'child_process',
    promisified: results && ((info) => promisifiedBuiltin(info)),
  };
}

/** A module by the name it is asked for with `require` or `import`. */
export function moduleNamed(world, specifier) {
  if (/^[./]/.test(specifier)) return withDefault(token(world, String(specifier)));
  const name = String(specifier).replace(/^node:/, '');
  if (Object.hasOwn(REAL, name)) return realModule(name);
  if (name === 'process') return processToken(world);
  if (name === 'timers') return timers(world);
  if (name === 'timers/promises') return timersPromises(world);
  const [base, sub] = name.split('/');
  if (CALLBACK_MODULES.has(base) && (!sub || sub === 'promises')) {
    const form = sub ? 'promise' : 'callback';
    const options = { native: builtinModule(base, form) };
    if (!sub) options.fixed = { promises: token(world, base, { native: builtinModule(base, 'promise') }) };
    return withDefault(token(world, base, options));
  }
  return withDefault(token(world, name, LIBRARIES_WITHOUT_THIS.test(name) ? { native: WITHOUT_THIS } : {}));
}

/** A module is its own default export. */
function withDefault(module) {
  const info = infoOf(module);
  info.fixed = { default: module, ...info.fixed };
  return module;
}

const realModules = new Map();

/** A real module, copied once so that nothing in Node itself is written to; `default` is there for ES modules. */
function realModule(name) {
  if (!realModules.has(name)) realModules.set(name, copyOf(name, REAL[name]));
  return realModules.get(name);
}

/** Modules whose functions want strings, and get the texts of tokens. */
const TEXTUAL = /^(?:path|url|querystring)/;

function takingTokens(fn) {
  if (typeof fn !== 'function' || /^[A-Z]/.test(fn.name)) return fn;
  return (...args) => fn(...args.map((arg) => (infoOf(arg)?.kind === 'token' ? String(arg) : arg)));
}

function copyOf(name, module) {
  const copy = module === events ? class EventEmitter extends events {} : typeof module === 'function' ? (...args) => module(...args) : {};
  Object.assign(copy, module);
  if (module === util) Object.assign(copy, { log: undefined, debuglog: () => () => {}, inspect: (value) => summarise(value) });
  if (module === events) copy.EventEmitter = copy;
  if (TEXTUAL.test(name)) for (const [key, value] of Object.entries(copy)) copy[key] = takingTokens(value);
  for (const [key, value] of Object.entries(copy)) {
    if (typeof value === 'function') registerForever(value, { kind: 'native', name: `${name}.${key}` });
  }
  copy.default = copy;
  return registerForever(copy, { kind: 'native', name });
}

function delayOf(delay) {
  return typeof delay === 'number' && delay > 0 ? delay : 1;
}

function timerCall(world, name, delay) {
  world.tick();
  const shown = name === 'setImmediate' ? '' : summarise(delay);
  world.log('call', `${name}(${shown})`);
  return `${name}#${world.count(name)}`;
}

const handles = new WeakSet();

/** Whether a value is what a timer can be cleared by. */
export const isTimerHandle = (value) => typeof value === 'object' && value !== null && handles.has(value);

/** A timer function of the callback form, with its promise form behind `util.promisify`. */
function timerFunction(world, name, promiseForm) {
  const immediate = name === 'setImmediate';
  const fn = (callback, ...rest) => {
    const [delay, ...args] = immediate ? [0, ...rest] : rest;
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function');
    handedOver(args);
    const key = timerCall(world, name, delay);
    const handle = { ref: () => handle, unref: () => handle, hasRef: () => true, refresh: () => handle, close: () => {} };
    handle[Symbol.toPrimitive] = () => Number(key.split('#')[1]);
    let left = name === 'setInterval' ? 3 : 1;
    const fire = () => {
      if (--left > 0) handle.operation = world.schedule(`${key}+${left}`, fire, world.clock + delayOf(delay));
      callTimer(world, callback, args);
    };
    handles.add(handle);
    Object.defineProperty(handle, 'operation', { value: undefined, writable: true, enumerable: false });
    handle.operation = world.schedule(key, fire, world.clock + (immediate ? 0 : delayOf(delay)));
    return handle;
  };
  if (promiseForm) Object.defineProperty(fn, CUSTOM, { value: promiseForm });
  return register(fn, { kind: 'native', name });
}

function callTimer(world, callback, args) {
  try {
    callback(...args);
  } catch (error) {
    world.uncaught(error, originOf(callback, 'timer'));
  }
}

/** A function that does nothing but call a callback with values that are there: `function () { cb(null, x); }`. */
const ONLY_CALLS_BACK = /^(?:function ?\(\)|\(\) ?=>)\s*\{?\s*(?:return )?([\w$]+)\((null|undefined)?[^()]*\);?\s*\}?$/;

/**
 * Where an error comes from that leaves what a timer or a tick calls: in a callback's body (A3), if that is all it calls,
 * or if it is a callback itself. That a function uses `arguments` does not make it one here.
 */
function originOf(fn, otherwise) {
  const [, called, noError] = ONLY_CALLS_BACK.exec(sourceOf(fn)) ?? [];
  const isCallback = (/^bound /.test(fn.name) || parametersOf(fn).length > 0) && looksErrorFirst(fn);
  return noError || isCallbackName(called) || isCallback ? 'callback' : otherwise;
}

function timers(world) {
  if (world.timerModule) return world.timerModule;
  const promises = timersPromises(world);
  const clear = (handle) => {
    if (handle?.operation) world.cancel(handle.operation);
  };
  const module = {
    setTimeout: timerFunction(world, 'setTimeout', promises.setTimeout),
    setInterval: timerFunction(world, 'setInterval'),
    setImmediate: timerFunction(world, 'setImmediate', promises.setImmediate),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    promises,
  };
  module.default = module;
  world.timerModule = module;
  return module;
}

function timersPromises(world) {
  const promised = (name) => register((...args) => {
    const [delay, value] = name === 'setImmediate' ? [0, args[0]] : args;
    const key = timerCall(world, name, delay);
    const due = world.clock + (name === 'setImmediate' ? 0 : delayOf(delay));
    return new Promise((resolve) => world.schedule(key, () => resolve(value), due));
  }, { kind: 'native', name: `promises.${name}` });
  const module = { setTimeout: promised('setTimeout'), setImmediate: promised('setImmediate') };
  module.default = module;
  return module;
}

/** Ticks run on the real queue, so that their order is Node's; what they throw is nobody's to catch. */
function nextTick(world) {
  const run = (callback, args) => {
    if (world.dead) return;
    try {
      callback(...args);
    } catch (error) {
      world.uncaught(error, typeof callback === 'function' ? originOf(callback, 'tick') : 'tick');
    }
  };
  return (callback, ...args) => {
    handedOver(args);
    process.nextTick(run, callback, args);
  };
}

function queueTask(world) {
  return (callback) => queueMicrotask(() => {
    if (world.dead) return;
    try {
      callback();
    } catch (error) {
      world.uncaught(error, 'tick');
    }
  });
}

function processToken(world) {
  const fixed = {
    nextTick: nextTick(world),
    argv: ['node', 'script.js', 'first', 'second'],
    platform: 'linux',
    version: process.version,
    hrtime: Object.assign(() => [0, world.clock], { bigint: () => BigInt(world.clock) }),
  };
  return token(world, 'process', { fixed, native: { property: quietExceptFor(/^(?:exit|on|once|emit|kill|send|chdir)$/) } });
}

/** Functions that return nothing and never fail; the calls of those in `logged` are ordinary ones. */
function quietExceptFor(logged) {
  return (key) => (key === 'env' || logged.test(key) ? undefined : { form: 'quiet', property: quietExceptFor(logged) });
}

/** `JSON` whose `parse` takes tokens: what they hold is text, as far as the code is concerned. */
function json(world) {
  const parse = (text, ...rest) => {
    const name = infoOf(text)?.name ?? (typeof text === 'string' && text.includes('«') ? text : undefined);
    if (name === undefined) return JSON.parse(text, ...rest);
    const outcome = world.decide(`JSON.parse ${name}`, [['ok', 0], ['throw', 1]]);
    if (outcome === 'throw') throw world.error(`JSON.parse ${name}`);
    return token(world, `JSON.parse(${name})`, { callable: false, settled: true });
  };
  return { parse, stringify: JSON.stringify, [Symbol.toStringTag]: 'JSON' };
}

/** A `Date` that reads the virtual clock, counted from a day that is always the same. */
function date(world) {
  const start = Date.UTC(2020, 0, 1);
  return class extends Date {
    constructor(...args) {
      super(...(args.length === 0 ? [start + world.clock] : args));
    }

    static now() {
      return start + world.clock;
    }
  };
}

/** Names that the language and Node define; a program gets the real thing. */
const STANDARD = new Set(
  ('Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Promise RegExp Error ' +
    'AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError ArrayBuffer Atomics BigInt ' +
    'BigInt64Array BigUint64Array DataView Float32Array Float64Array Int8Array Int16Array Int32Array Map Proxy Reflect ' +
    'Set SharedArrayBuffer Uint8Array Uint8ClampedArray Uint16Array Uint32Array WeakMap WeakRef WeakSet Intl ' +
    'decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN Buffer URL ' +
    'URLSearchParams TextEncoder TextDecoder AbortController AbortSignal structuredClone arguments').split(' '),
);

export const isStandard = (name) => STANDARD.has(name);

/** The global names that have a meaning of their own in a run, each made when it is first asked for. */
export const GLOBALS = {
  ...Object.fromEntries(
    ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'].map((name) => [
      name,
      (world) => timers(world)[name],
    ]),
  ),
  console: (world) => token(world, 'console', { native: { property: () => ({ form: 'quiet' }) } }),
  Date: date,
  JSON: json,
  Math: () => Object.create(Math, { random: { value: () => 0.5 } }),
  process: processToken,
  queueMicrotask: queueTask,
};
