// One run: a program, an entry, a schedule; and everything an outsider saw of it.

import { finalState, makeArguments, resolve, start } from './program.mjs';
import { infoOf, isLeftOut } from './summary.mjs';
import { token } from './tokens.mjs';
import { callbackToken, isCallbackName } from './calls.mjs';
import { parametersOf } from './lexer.mjs';
import { isPromise, World } from './world.mjs';

/** How often what an entry returns is entered again, if it is a function or an object of functions. */
const MAX_FOLLOWED = 2;

/** What Node itself has in its global object; anything else there was put there by a run. */
const GLOBALS = new Set(Reflect.ownKeys(globalThis));

/**
 * Runs `entry` of `program` under the given decisions. An entry without `steps` is the program's top level itself:
 * then the decisions bend what happens there; for all others the top level runs as it normally does. `retold` is the key
 * of a call whose callback is called once more, with what it throws.
 */
export async function runOnce(program, entry, decisions, profile, variables, retold) {
  const world = new World(decisions, profile);
  world.retold = retold;
  world.listening = entry.steps === undefined;
  const instance = await start(program, world);
  let state = [];
  const initial = finalState(instance, variables, undefined, []);
  if (world.listening) state = finalState(instance, variables, undefined, []);
  else if (!world.dead) state = await runEntry(world, program, instance, { entry, variables, initial });
  return {
    asked: world.asked,
    learned: world.learned,
    segments: world.segments,
    dead: world.dead,
    hanging: world.hanging(),
    withCallback: world.withCallback,
    isMoot: world.isMoot,
    initial,
    state: program.canLeak ? [...state, ...leakedGlobals()] : state,
  };
}

async function runEntry(world, program, instance, { entry, variables, initial }) {
  world.segment('entry');
  world.listening = true;
  const { fn, self } = resolve(instance, world, program.isAfter ? (entry.after ?? entry) : entry);
  if (typeof fn !== 'function') {
    world.log('threw', `${entry.label} is not there`);
    return [];
  }
  const args = makeArguments(world, entry.plan);
  initial.push(...finalState(instance, variables, self, args));
  // The function that stands where a promise form was added has the callback that settles it in its own place.
  const isOldForm = entry.callback !== undefined && !program.isAfter;
  world.enter(entry.label, isOldForm ? world.promiseForm(fn, entry.callback) : fn, self, args);
  await world.drain();
  for (let round = 0; round < MAX_FOLLOWED && !world.dead; round++) {
    for (const { label, value } of world.results.splice(0)) await follow(world, label, value);
  }
  return finalState(instance, variables, self, args);
}

/** Enters functions that the code under test handed out, one after the other. */
async function follow(world, label, value) {
  if (infoOf(value) || isPromise(value) || Array.isArray(value) || value === null) return;
  const functions = typeof value === 'function' ? [['', value]] : typeof value === 'object' ? Object.entries(value) : [];
  for (const [key, fn] of functions) {
    if (typeof fn !== 'function' || infoOf(fn) || isLeftOut(fn) || world.dead) continue;
    const path = key ? `${label}.${key}` : label;
    world.segment(`call of ${path}`);
    world.enter(`${path}()`, fn, key ? value : undefined, plainArguments(world, path, fn));
    await world.drain();
  }
}

function plainArguments(world, label, fn) {
  return parametersOf(fn).map(({ name }, i) =>
    isCallbackName(name) ? callbackToken(world, `${label} callback`) : token(world, `${label}(${i})`, { callable: false }),
  );
}

/** Properties that a run left on the real global object, through a `this` that nobody bound; and removes them. */
function leakedGlobals() {
  const leaked = [];
  for (const key of Reflect.ownKeys(globalThis)) {
    if (GLOBALS.has(key)) continue;
    // What Node itself puts there when a part of it is first used can't be taken away again.
    if (Reflect.deleteProperty(globalThis, key)) leaked.push(`globalThis.${String(key)}`);
    else GLOBALS.add(key);
  }
  return leaked;
}
