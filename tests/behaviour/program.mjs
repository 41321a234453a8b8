// One start of a compiled program in a world: its free names, its exports, and the functions in it that an outsider
// can call.

import { EPILOGUE, IMPORT, THROWN } from './load.mjs';
import { GLOBALS, isStandard, moduleNamed } from './builtins.mjs';
import { isRouteHandler, parametersOf } from './lexer.mjs';
import { infoOf, leaveOut, register, sourceOf, summarise } from './summary.mjs';
import { callbackToken, isCallbackName, standingPromise } from './calls.mjs';
import { token } from './tokens.mjs';

/** Starts a program and lets what it does at its top level come to an end. */
export async function start(program, world) {
  const module = { exports: {} };
  const instance = { module, handedOver: undefined };
  const scope = scopeOf(world, instance);
  world.enter('module', () => program.start(scope, program.esm ? undefined : module.exports), undefined, []);
  await world.drain();
  world.results.length = 0;
  const handed = instance.handedOver ?? { top: {}, exports: {} };
  instance.exports = program.esm ? handed.exports : module.exports;
  instance.top = handed.top;
  if (program.isAfter) for (const { after } of world.profile.promiseForms) leaveOut(ownerOf(instance, after.steps)?.[after.steps.at(-1)]);
  return instance;
}

/** What has the function that the given steps lead to: the exports, an object in them, or a prototype. */
function ownerOf(instance, [, ...path]) {
  return path.slice(0, -1).reduce((value, step) => (step === 'new' ? value?.prototype : value?.[step]), instance.exports);
}

/** What the free names of a program mean: the object that its `with` stands over. */
function scopeOf(world, instance) {
  const { module } = instance;
  const require = Object.assign((name) => moduleNamed(world, name), { main: module, resolve: String, cache: {} });
  const names = Object.assign(Object.create(null), {
    module,
    exports: module.exports,
    require,
    __filename: '/project/script.js',
    __dirname: '/project',
    __behaviour_meta: { url: 'file:///project/script.js' },
    [IMPORT]: (name) => moduleNamed(world, name),
    [EPILOGUE]: (bindings) => void (instance.handedOver = bindings),
  });
  const scope = new Proxy(names, {
    has: (_, key) => typeof key === 'string' && !isStandard(key),
    get(target, key) {
      if (typeof key === 'symbol') return undefined;
      if (key in target) return target[key];
      if (Object.hasOwn(GLOBALS, key)) return (target[key] = GLOBALS[key](world));
      if (/^(?:globalThis|global|window|self)$/.test(key)) return globals;
      return world.profile.promiseValues.has(key) ? standingPromise(world, key) : token(world, key);
    },
    set(target, key, value) {
      if (key === THROWN) return Boolean(world.thrown.add(value));
      world.log('set', `${key} = ${summarise(value)}`);
      target[key] = value;
      return true;
    },
  });
  register(scope, { kind: 'scope', name: 'undefined' });
  // Reached through its own name, the global object also has what the language defines.
  const globals = register(new Proxy(names, {
    get: (_, key) => (isStandard(String(key)) ? globalThis[key] : scope[key]),
    set: (_, key, value) => Reflect.set(scope, key, value),
    has: () => true,
  }), { kind: 'scope', name: 'globalThis' });
  return scope;
}

const MAX_DEPTH = 3;

/**
 * The functions of a program that can be called, each with the way to it: `{ label, steps, exported, fn }`. A class
 * stands for its methods. One function is listed once, under its exported name if it has one.
 */
export function entriesOf(instance, world, declarations) {
  const found = [];
  const seen = new Set();
  const visit = (value, steps, exported) => {
    if (infoOf(value) || (typeof value !== 'function' && (typeof value !== 'object' || value === null)) || seen.has(value)) return;
    seen.add(value);
    if (typeof value === 'function') {
      if (isClass(value)) methodsOfClass(world, value).forEach(([key, fn]) => visit(fn, [...steps, 'new', key], exported));
      else found.push({ label: labelOf(steps), steps, exported, length: value.length, fn: value });
    } else if (![Object.prototype, null].includes(Object.getPrototypeOf(value)) && steps.length > 1) {
      methodsOf(Object.getPrototypeOf(value)).forEach(([key, fn]) => visit(fn, [...steps, key], exported));
    }
    if (steps.length <= MAX_DEPTH) children(value).forEach(([key, child]) => visit(child, [...steps, key], exported));
  };
  visit(instance.exports, ['exports'], true);
  // The functions of a file that exports nothing are there for other scripts.
  const isScript = found.length === 0;
  for (const { name } of declarations) visit(bindingOf(instance, name), ['top', name], isScript);
  return found;
}

function bindingOf(instance, name) {
  try {
    return instance.top[name];
  } catch {
    return undefined;
  }
}

/** Methods of a prototype, by name; neither accessors nor what every object has. */
function methodsOf(prototype) {
  if (!prototype || prototype === Object.prototype || infoOf(prototype)) return [];
  if (typeof prototype.constructor === 'function' && /\[native code\]/.test(prototype.constructor)) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([key, { value }]) => key !== 'constructor' && typeof value === 'function')
    .map(([key, { value }]) => [key, value]);
}

/** Methods of a class, and functions that its constructor or fields put on each object. */
function methodsOfClass(world, Class) {
  const own = Object.entries(instantiate(world, Class)).filter(([, value]) => typeof value === 'function' && !infoOf(value));
  return [...methodsOf(Class.prototype), ...own];
}

function children(value) {
  const skipped = typeof value === 'function' ? ['prototype', 'length', 'name', 'caller', 'arguments'] : [];
  return Object.entries(Object.getOwnPropertyDescriptors(value))
    .filter(([key, descriptor]) => !skipped.includes(key) && ('value' in descriptor || descriptor.get))
    .map(([key]) => [key, propertyOf(value, key)]);
}

function propertyOf(value, key) {
  try {
    return value[key];
  } catch {
    return undefined;
  }
}

function isClass(fn) {
  return /^class\b/.test(sourceOf(fn)) || methodsOf(fn.prototype).length > 0;
}

function labelOf(steps) {
  const [root, ...path] = steps;
  const text = path.join('.').replaceAll('.new.', '#');
  return root === 'exports' && path.length > 0 ? text : text || 'module.exports';
}

/**
 * Finds the function of an entry by the way to it, and what it is called on. An object under test is given those
 * properties that its code relies on and that nothing in the file sets, as a subclass or an owner would do.
 */
export function resolve(instance, world, { steps, provided }) {
  const [root, ...path] = steps;
  let self;
  let value = root === 'exports' ? instance.exports : instance.top;
  path.forEach((step, index) => {
    self = value;
    if (step === 'new') value = instantiate(world, value);
    else value = index === 0 && root === 'top' ? bindingOf(instance, step) : value?.[step];
  });
  if (root === 'top' && path.length === 1) self = token(world, 'this', { callable: false });
  else if (typeof self === 'object' && self !== null && !infoOf(self)) provide(world, self, provided);
  return { fn: value, self };
}

function provide(world, self, names) {
  for (const name of names) {
    if (name in self) continue;
    const value = world.profile.promiseValues.has(`this.${name}`) ? standingPromise(world, `this.${name}`) : token(world, `this.${name}`);
    Object.defineProperty(self, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** An object of a class under test. Where the constructor fails there is still an object to call the methods on. */
function instantiate(world, Class) {
  try {
    return new Class(...parametersOf(Class).map(({ name }, i) => token(world, name ?? `argument${i}`)));
  } catch {
    return Object.create(Class.prototype);
  }
}

/**
 * The arguments that an entry is called with, planned on the code before the rewrite and used for both sides:
 * `[{ name, role, mayThrow, optional }]`.
 */
export function planArguments(fn, names) {
  const text = sourceOf(fn);
  const parameters = names ? names.map((name) => ({ name })) : parametersOf(fn);
  const plan = parameters.flatMap(({ name, rest, optional }, index) => {
    const label = name ?? `argument${index}`;
    if (rest) return [0, 1].map((i) => ({ name: `${label}[${i}]`, role: 'value' }));
    const safe = label.replace(/[$\\]/g, '\\$&');
    if (isCallbackName(name) || isCalledWithError(safe, text)) {
      const mayThrow = names !== undefined || !isRouteHandler(fn);
      return [{ name: label, role: 'callback', mayThrow, optional: optional || isExamined(safe, text) }];
    }
    const called = new RegExp(`(?<![\\w$.])${safe}(?:\\?\\.)?\\s*(?:\\(|\\.(?:call|apply)\\()`).test(bodyOf(text));
    return [{ name: label, role: called ? 'function' : 'value', optional: optional || isExamined(safe, text) }];
  });
  if (plan.length === 0 && /\barguments\b/.test(text)) {
    return [{ name: 'argument0', role: 'value' }, { name: 'argument1', role: 'value' }];
  }
  plan.shifts = plan.length > 1 && plan.at(-1).role === 'callback' && /\btypeof\s+\w+\s*[!=]==?\s*['"]function\b|\barguments\b/.test(text);
  return plan;
}

function bodyOf(text) {
  const open = text.indexOf(')');
  return text.slice(open + 1);
}

/** Whether an argument is called as an error-first callback is, whatever its name. */
function isCalledWithError(name, text) {
  return new RegExp(`(?<![\\w$.])${name}\\((?:null|undefined|err|error|new \\w*Error)\\b`).test(text);
}

/** Whether it makes a difference to a function that an argument is missing, as far as its text shows. */
function isExamined(name, text) {
  const tested = `!\\s*${name}\\b|typeof\\s+${name}\\b|\\bif\\s*\\(\\s*${name}\\b|(?:&&|\\|\\|)\\s*${name}\\b`;
  const compared = `(?<![\\w$.])${name}\\s*(?:\\|\\||&&|\\?|[=!]==?)`;
  return new RegExp(`${tested}|${compared}`).test(text);
}

/** The arguments themselves. A callback can be left out, and stand where an optional argument would. */
export function makeArguments(world, plan) {
  const args = plan.map(({ name, role, mayThrow, optional }) => {
    if (optional && world.decide(`argument ${name}`, [['given', 0], ['missing', 2]]) === 'missing') return undefined;
    if (role === 'callback') return callbackToken(world, name, mayThrow);
    if (world.profile.promiseValues.has(name)) return standingPromise(world, name);
    return token(world, name, { callable: role === 'function' });
  });
  if (plan.shifts && world.decide('arguments', [['all', 0], ['callback earlier', 1]]) === 'callback earlier') {
    args.splice(-2, 1);
  }
  return args;
}

/** What is left of a run: what was exported, and every variable of the top level that can be assigned. */
export function finalState(instance, variables, self, args) {
  const plain = (typeof instance.exports === 'object' && instance.exports !== null) && !infoOf(instance.exports);
  const exports = plain ? Object.fromEntries(children(instance.exports)) : instance.exports;
  const state = [`exports: ${summarise(exports)}`];
  for (const name of variables) state.push(`${name}: ${summarise(bindingOf(instance, name))}`);
  if (self !== undefined && self !== instance.exports) state.push(`this: ${summarise(self)}`);
  state.push(`arguments: ${args.map((arg) => summarise(arg)).join(', ')}`);
  return state;
}
