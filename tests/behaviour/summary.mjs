// How values are written into the log. Two values are the same to an observer if they are written the same, so a
// summary has all that an observer may rely on (identity of stubs, structure of data, what an error is) and nothing
// that a rewrite may change (names and texts of inner functions, which promise it is, an engine's error message).

// Not a WeakMap: runs make many short-lived objects, and weak entries are what a garbage collector is slowest at.
let registry = new Map();

/** What is the harness's own in every run: real modules of Node and their functions. */
const permanent = new Map();

/** Marks an object like `register` does, for good. */
export function registerForever(object, info) {
  permanent.set(object, info);
  return object;
}

/** Functions that a rewrite has added, and that nothing before it could have known of. */
let added = new Set();

/** Forgets the objects of the runs so far. */
export function forget() {
  registry = new Map();
  added = new Set();
}

export const isLeftOut = (fn) => added.has(fn);

/** Whether an error is the engine's own, of code that asks something of what can't give it. */
export const isEngineError = (error) => error instanceof Error && !infoOf(error) && ENGINE_MESSAGE.test(error.message);

/** Leaves a function out of every summary of an object that has it. */
export function leaveOut(fn) {
  added.add(fn);
}

/** Marks an object as the harness's own: `{ kind: 'token' | 'error' | 'callback' | 'native' | …, name, … }`. */
export function register(object, info) {
  registry.set(object, info);
  return object;
}

/** What is known of an object of the harness; `undefined` for everything that the code under test made. */
export function infoOf(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? (registry.get(value) ?? permanent.get(value)) : undefined;
}

/** Messages of errors that the engine itself throws; they quote the code, which a rewrite changes. */
const ENGINE_MESSAGE =
  /is not (?:a function|iterable|defined|a constructor|an object)|^Cannot (?:read|set|destructure|access|convert|delete)|before initialization|^Assignment to constant|is not valid JSON|callback.*must be of type function|"original" argument|undefined is not/;

const { toString } = Error.prototype;

// Code under test that makes a text of such an error is handed no more of the code's wording than the log is.
Error.prototype.toString = function () {
  return isEngineError(this) ? `${this.name}: (engine)` : Reflect.apply(toString, this, []);
};

const functionText = Function.prototype.toString;

/** The text of a function of the code under test. */
export const sourceOf = (fn) => Reflect.apply(functionText, fn, []);

// Code under test that makes a text of one of its functions is handed as much as the log is.
Function.prototype.toString = function () {
  const text = sourceOf(this);
  return text.endsWith('{ [native code] }') ? text : 'ƒ';
};

const MAX_DEPTH = 4;

/** A value as one line of text. */
export function summarise(value, depth = 0, seen = []) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return String(value);
  const info = infoOf(value);
  if (info?.kind === 'error') return errorSummary(value, `!${info.name}`, depth, seen, info.message);
  if (info) return info.name;
  if (value === globalThis) return 'globalThis';
  if (typeof value === 'function') return 'ƒ';
  if (value instanceof Promise) return 'Promise';
  if (seen.includes(value)) return '↺';
  if (depth > MAX_DEPTH) return '…';
  if (value instanceof Error) {
    const message = ENGINE_MESSAGE.test(value.message) ? '(engine)' : JSON.stringify(value.message);
    return errorSummary(value, `${value.name}: ${message}`, depth, seen, value.message);
  }
  return structure(value, depth + 1, [...seen, value]);
}

function structure(value, depth, seen) {
  const all = (items) => Array.from(items, (item) => summarise(item, depth, seen)).join(', ');
  if (Array.isArray(value)) return `[${all(value)}]`;
  if (value instanceof Set) return `Set{${all(value)}}`;
  if (value instanceof Map) return `Map{${Array.from(value, (pair) => pair.map((v) => summarise(v, depth, seen)).join(' => ')).join(', ')}}`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
  const prototype = Object.getPrototypeOf(value);
  const name = prototype === null || prototype === Object.prototype ? '' : (prototype.constructor?.name ?? '');
  return `${name}{${properties(value, depth, seen)}}`;
}

function properties(value, depth, seen) {
  const parts = Object.entries(Object.getOwnPropertyDescriptors(value))
    .filter(([, descriptor]) => descriptor.enumerable && !added.has(descriptor.value))
    .map(([key, d]) => `${key}: ${'value' in d ? summarise(d.value, depth, seen) : '(accessor)'}`);
  return parts.join(', ');
}

/** An error by its origin, and by what the code under test has put on it. */
function errorSummary(error, origin, depth, seen, originalMessage) {
  if (seen.includes(error)) return '↺';
  const inside = [...seen, error];
  const extra = properties(error, depth + 1, inside);
  const cause = Object.hasOwn(error, 'cause') ? ` cause ${summarise(error.cause, depth + 1, inside)}` : '';
  const errors = error instanceof AggregateError ? ` errors ${summarise(error.errors, depth + 1, inside)}` : '';
  const message = error.message === originalMessage ? '' : ` saying ${JSON.stringify(error.message)}`;
  return `${origin}${message}${extra && ` {${extra}}`}${cause}${errors}`;
}
