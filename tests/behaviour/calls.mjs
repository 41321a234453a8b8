// What happens when the code under test calls a stub. The schedule decides how the call ends; the decision belongs
// to the call's name and ordinal, so that the code before and after a rewrite meets the same world however it asks:
// with a callback, through `util.promisify`, or for a promise.

import { topmostFrame } from './frames.mjs';
import { ANY, isRouteHandler, parametersOf } from './lexer.mjs';
import { infoOf, register, sourceOf, summarise } from './summary.mjs';
import { generic, token, watchedPromise } from './tokens.mjs';
import { STANDING } from './world.mjs';

const ERROR_NAME = /^_?(?:e|er|err|error|ex|exception)\d?$|Err(?:or)?$/;
const CALLBACK_NAME = /^_?(?:cb|callback|done|next|cont|finish|clb|cback|complete)\d?$|(?:Cb|CB|Callback|Done)$/;

/** Functions that take listeners, routes, hooks and tests: what they are given is no error-first callback. */
const REGISTRATION = new Set(
  ('on once off use subscribe watch addListener prependListener addEventListener removeListener param describe it ' +
    'test before after beforeEach afterEach beforeAll afterAll context suite').split(' '),
);
/** Functions that return at once and never a promise. */
const SYNCHRONOUS = new Set(['createElement']);
/** Methods of arrays that call a function for each element, and do so at once. */
const ITERATION = new Set(
  'map forEach filter some every find findIndex findLast reduce reduceRight flatMap sort toSorted'.split(' '),
);
/** Methods of the language's own values that change nothing: no collaborator is called. */
const PURE = new Set(
  ('trim split slice substring replace replaceAll toLowerCase toUpperCase charAt charCodeAt padStart padEnd repeat concat ' +
    'join toFixed toISOString getTime indexOf lastIndexOf').split(' '),
);
const PREDICATE = new Set('includes startsWith endsWith hasOwnProperty'.split(' '));

export const isCallbackName = (name) => CALLBACK_NAME.test(name ?? '');

/** Calls the stub that `info` describes. */
export function call(world, info, self, args, isNew = false) {
  const method = info.name.slice(info.name.lastIndexOf('.') + 1);
  if (info.owner && !info.native && !isNew) {
    const result = methodOfValue(world, info, method, args);
    if (result) return result.value;
  }
  world.tick();
  const name = isNew ? `new ${info.name}` : info.name;
  const back = isNew ? -1 : callbackIndex(info, method, args);
  const shown = args.map((arg, i) => (i === back ? 'ƒ' : summarise(arg)));
  const key = `${name}#${world.count(name, shown.join(', '))}`;
  if (back >= 0 && (info.native?.form || world.profile.dual.has(generic(name)))) shown.splice(back, 1);
  // A stub may be a callback itself, which `util.callbackify` calls with a result always.
  if (shown.join() === 'null,undefined') shown.pop();
  world.log('call', `${name}(${shown.join(', ')})${receiver(info, self)}`, { key, errors: args.map((a) => summarise(a)) });
  fireHandlers(world, key, args, back);
  if (back >= 0) return withCallback(world, info, key, args[back]);
  if (isNew) return atOnce(world, info, key, name);
  if (info.native?.form === 'quiet') return undefined;
  if (takesListener(method, args)) return infoOf(self)?.kind === 'token' ? self : token(world, key, resultOptions(name));
  if (isSynchronous(world, info, method, name)) return atOnce(world, info, key, name);
  return forPromise(world, info, key, name);
}

function takesListener(method, args) {
  return REGISTRATION.has(method) && args.some((arg) => typeof arg === 'function' && infoOf(arg)?.kind !== 'token');
}

function receiver(info, self) {
  const own = infoOf(self);
  if (info.native || own?.kind === 'scope' || info.method) return '';
  if (own && own === info.owner) return '';
  return self === undefined && !info.owner ? '' : ` with this ${own?.name ?? summarise(self)}`;
}

function isSynchronous(world, info, method, name) {
  if (info.native?.form) return info.native.form !== 'promise';
  const known = generic(name);
  return (SYNCHRONOUS.has(method) || world.profile.sync.has(known)) && !world.profile.promise.has(known);
}

/** Methods that a string, an array, a number or a date has: they act on the token as on such a value. */
function methodOfValue(world, info, method, args) {
  const owner = info.owner;
  if (ITERATION.has(method) && typeof args[0] === 'function' && !infoOf(args[0])) {
    const elements = [owner.proxy[0], owner.proxy[1]];
    return { value: elements[method](...args) };
  }
  const name = () => `${info.name}(${args.map((arg) => summarise(arg)).join(', ')})`;
  if (PURE.has(method)) return { value: token(world, name(), { owner, settled: true }) };
  if (PREDICATE.has(method)) return { value: world.decide(name(), [[true, 0], [false, 1]]) };
  return undefined;
}

/** The index of the error-first callback among the arguments, by what it looks like; -1 if there is none. */
function callbackIndex(info, method, args) {
  const last = args.at(-1);
  const form = info.native?.form;
  if (typeof last !== 'function' || REGISTRATION.has(method) || (form && form !== 'callback')) return -1;
  const known = infoOf(last);
  const isKnown = form === 'callback' || info.world.profile.callback.has(generic(info.name));
  const takesError = isKnown || known?.kind === 'callback' || (!known && looksErrorFirst(last));
  if (!takesError) info.world.learn('function', generic(info.name));
  return takesError ? args.length - 1 : -1;
}

/** Whether a function is an error-first callback, by what it looks like. */
export function looksErrorFirst(fn) {
  const parameters = parametersOf(fn);
  const [first] = parameters;
  if (/^bound /.test(fn.name)) return CALLBACK_NAME.test(fn.name.slice('bound '.length)) || parameters.length > 1;
  if (!first) return /\barguments\b/.test(sourceOf(fn));
  const name = first.name ?? '';
  return first.rest === true || ERROR_NAME.test(name) || (parameters.length > 1 && (/^_/.test(name) || leavesWith(fn, name)));
}

/** Whether a function starts by asking for its first parameter, and hands it on alone or throws it. */
function leavesWith(fn, name) {
  const text = sourceOf(fn);
  const asks = new RegExp(`^[^)]*\\)(?: =>)?\\s*\\{?\\s*(?:return )?(?:if \\(!?${name}\\b|${name} \\?)`);
  return asks.test(text) && new RegExp(`[\\w$]+\\(${name}\\)|throw ${name}\\b`).test(text);
}

/** Whether a callback has no use for its error: what is thrown at once is none of its failures then. */
function ignoresError(fn) {
  if (infoOf(fn) || /^bound /.test(fn.name)) return false;
  const name = parametersOf(fn)[0]?.name;
  const text = sourceOf(fn);
  return name ? text.split(new RegExp(`(?<![\\w$])${name}(?![\\w$])`)).length === 2 : !/\barguments\b|\.\.\./.test(text);
}

/** How many results a callback is given: as many as the code is seen to take, unless it is known better. */
function resultCount(world, info, name, fn) {
  const known = world.profile.results.get(name);
  if (known !== undefined) return known;
  const parameters = infoOf(fn) ? [] : parametersOf(fn);
  const isPromisify = parameters.length === 2 && parameters[1].rest;
  const taken = isPromisify ? 1 : parameters.length - 1 + (parameters.at(-1)?.rest ? 1 : 0);
  if (taken > 1) world.learn('results', [name, taken]);
  return Math.max(taken, 1);
}

function withCallback(world, info, key, fn) {
  const name = generic(key);
  if (info.native || !ignoresError(fn)) world.withCallback.add(key);
  world.learn('callback', name);
  const values = valueMenu(world, name);
  // Node's own functions always say `null` where there is no error.
  const absent = info.native ? [] : [['no error', 2]];
  const menu = [['ok', 0], ['fail', 1], ...throwing(world, name), ['undefined', 1], ...absent, ['null', 2], ...errorMenu(world)];
  const outcome = world.decide(key, ordered(menu, values));
  if (outcome === 'throw') throw failure(world, key, outcome);
  world.schedule(key, () => world.callBack(key, fn, callbackArguments(world, info, key, name, outcome, fn)));
  return info.native?.handle ? token(world, `${key}.handle`) : undefined;
}

function callbackArguments(world, info, key, name, outcome, fn) {
  if (outcome.startsWith('fail')) return [failure(world, key, outcome)];
  if (info.native?.noResult || (outcome === 'undefined' && !info.native?.results)) return [null];
  const value = valueOf(world, key, name, outcome);
  const first = outcome === 'no error' ? undefined : null;
  if (info.native?.results) return [first, ...Object.values(namedResults(world, key, info.native))];
  const more = resultCount(world, info, name, fn) - 1;
  return [first, value, ...Array.from({ length: more }, (_, i) => token(world, `${key} result ${i + 2}`))];
}

/** A call of a synchronous function, or of a constructor. */
function atOnce(world, info, key, name) {
  const values = valueMenu(world, generic(name));
  const menu = [['plain', 0], ...throwing(world, generic(name))];
  if (!name.startsWith('new ')) menu.push(['plain undefined', 2]);
  const outcome = world.decide(key, ordered(menu, values));
  if (outcome === 'throw' || outcome.startsWith('fail')) throw failure(world, key, outcome);
  return valueOf(world, key, generic(name), outcome);
}

/** A call that returns a promise, as far as is known. */
function forPromise(world, info, key, name) {
  const known = generic(name);
  const values = valueMenu(world, known);
  const menu = [['ok', 0], ['fail', 1], ...throwing(world, known), ['undefined', 1], ['null', 2], ...errorMenu(world)];
  if (!world.profile.promise.has(known) && !info.native?.form) menu.push(['plain', 2], ['plain undefined', 2]);
  const outcome = world.decide(key, ordered(menu, values));
  if (outcome === 'throw' && info.native?.form) return watchedPromise(world, known, Promise.reject(failure(world, key, outcome)), () => undefined);
  if (outcome === 'throw') throw failure(world, key, outcome);
  if (outcome.startsWith('plain')) return valueOf(world, key, known, outcome);
  return promised(world, key, known, outcome, info.native);
}

function promised(world, key, known, outcome, native) {
  const value = () => valueOf(world, key, known, outcome);
  const promise = new Promise((resolve, reject) => {
    world.schedule(key, () => {
      if (outcome.startsWith('fail')) reject(failure(world, key, outcome));
      else if (native?.noResult) resolve(undefined);
      else if (native?.results) resolve(namedResults(world, key, native));
      else resolve(value());
    });
  });
  return watchedPromise(world, known, promise, () => token(world, key, resultOptions(known)));
}

/** The results of a built-in that has several, by name. Node documents what they are: none is a promise. */
function namedResults(world, key, native) {
  return Object.fromEntries(native.results.map((result) => [result, token(world, `${key}.${result}`, { settled: true })]));
}

/** A promise that was there before the code under test ran: an argument, or a property, that it treats as one. */
export function standingPromise(world, name) {
  const key = `promise ${name}`;
  const known = world.tokens.get(key);
  if (known) return known;
  const outcome = world.decide(key, [['ok', 0], ['fail', 1], ['undefined', 1]]);
  const promise = promised(world, `${name}${STANDING}`, generic(name), outcome, undefined);
  // Whoever made it looks after it: that nobody else does is no fault of the code under test.
  Promise.prototype.then.call(promise, undefined, () => {});
  world.tokens.set(key, promise);
  return promise;
}

/** The function behind `util.promisify` of a built-in whose promise form has several results, by name. */
export function promisifiedBuiltin(info) {
  return (...args) => call(info.world, { ...info, native: { ...info.native, form: 'promise' } }, undefined, args);
}

/** Moves the values that a directive gives to the front: the first of them is what normally happens. */
function ordered(menu, values) {
  return values.length > 0 ? [...values, ...menu.filter((entry) => !values.includes(entry))] : menu;
}

function valueMenu(world, name) {
  return (world.profile.values.get(name) ?? []).map((_, i) => [`value ${i}`, i === 0 ? 0 : 1]);
}

/** Any function may throw at once, but those said to be steady. */
function throwing(world, name) {
  const { steady } = world.profile;
  return steady.has(name) || steady.has('*') ? [] : [['throw', 1]];
}

/** Failures whose error has a property that the code asks about. */
function errorMenu(world) {
  return [...world.profile.hints.errors].flatMap(([property, values]) =>
    [...values].map((_, i) => [`fail ${property} ${i}`, 1]),
  );
}

function failure(world, key, outcome) {
  const [, property, index] = outcome.split(' ');
  const value = property && [...(world.profile.hints.errors.get(property) ?? [])][index];
  const held = value === ANY ? token(world, `!${key}.${property}`, { callable: false }) : (value ?? true);
  const error = world.error(key, property ? { [property]: held } : {});
  if (outcome === 'throw') {
    const frame = topmostFrame(world.profile.lines);
    if (frame?.called) infoOf(error).thrownIn = frame.name;
  }
  return error;
}

function valueOf(world, key, name, outcome) {
  if (/undefined$/.test(outcome)) return undefined;
  if (outcome === 'null') return null;
  if (outcome.startsWith('value ')) return world.profile.values.get(name)[outcome.slice('value '.length)]();
  return token(world, key, resultOptions(name, outcome === 'plain'));
}

const resultOptions = (name, plain) => ({ callable: false, call: name, plain });

/**
 * Nobody hands a promise to a callback: where a stub's result goes there, the stub is a synchronous function, and another
 * value is none.
 */
export function handedOver(args) {
  for (const { world, kind, name, call: made, native } of args.map(infoOf).filter(Boolean)) {
    if (kind === 'promise' && made && !native) world.learn('sync', generic(made));
    if (kind === 'token' && !made) world.learn('plain', generic(name));
  }
}

/** A function of an outsider that the code under test is to call: each call of it is seen. It may throw at its caller. */
export function callbackToken(world, name, mayThrow = true) {
  const fn = function (...args) {
    world.tick();
    handedOver(args);
    const shown = errorFirst(args).map((arg) => summarise(arg));
    const self = this === undefined || this === null || this === globalThis ? '' : ` with this ${summarise(this)}`;
    world.log('callback', `${name}(${shown.join(', ')})${self}`, { error: shown[0], callback: name });
    if (mayThrow && world.decide(`${name}#${world.count(name)}`, [['returns', 0], ['throws', 2]]) === 'throws') {
      const error = world.error(name);
      infoOf(error).byCallback = true;
      throw error;
    }
  };
  return register(fn, { kind: 'callback', name });
}

/**
 * The arguments of an error-first callback without what `util.callbackify`, the adapter that the contract names, does
 * not keep: whether no error is `null` or `undefined`, arguments that are left out or are `undefined` at the end, and
 * `null` for a result beside an error.
 */
function errorFirst(args) {
  const shown = [...args];
  const isNothing = (value) => value === undefined || (value === null && shown.length > 1 && Boolean(shown[0]));
  while (shown.length > 0 && isNothing(shown.at(-1))) shown.pop();
  if (shown[0] === undefined || shown[0] === null) shown[0] = null;
  return shown;
}

/** Calls a function that was put where an outsider looks for a listener (`request.onload = …`). */
export function fireListener(world, path, fn) {
  if (typeof fn !== 'function' || infoOf(fn)) return;
  const key = `${path}#${world.count(path)}`;
  world.schedule(key, () => world.enter(key, fn, undefined, handlerArguments(world, key, fn, undefined)));
}

/** Calls, each on a turn of its own, the functions among the arguments that are no error-first callback. */
function fireHandlers(world, key, args, back) {
  const fire = (path, fn) => {
    if (typeof fn !== 'function' || infoOf(fn)) return;
    world.schedule(path, () => world.enter(path, fn, undefined, handlerArguments(world, path, fn, args[0])));
  };
  for (const [i, arg] of args.entries()) {
    if (i === back) continue;
    fire(`${key}.ƒ${i}`, arg);
    if (typeof arg !== 'object' || arg === null || infoOf(arg) || Object.getPrototypeOf(arg) !== Object.prototype) continue;
    for (const [property, { value }] of Object.entries(Object.getOwnPropertyDescriptors(arg))) fire(`${key}.${property}`, value);
  }
}

function handlerArguments(world, path, fn, event) {
  return parametersOf(fn).map(({ name }, i) => {
    if (isCallbackName(name)) return callbackToken(world, `${path}.callback`, !isRouteHandler(fn));
    if (i === 0 && (event === 'error' || ERROR_NAME.test(name ?? ''))) return world.error(path);
    return token(world, `${path}(${i})`, { callable: false });
  });
}
