// Which schedules are tried. The first is the one in which all goes well. Each run says which questions came up, and
// every other answer to one of them makes a new schedule; the lighter the sum of the answers, the earlier it is its
// turn: single faults before pairs, likely ones before odd ones. So the first difference found is also a simple one.

import { acceptedA3Within, calleeThrown, callsBackAgain, compareRuns, crashedBehind, isSameUpTo, outline, transcript } from './compare.mjs';
import { directivesOf } from './directives.mjs';
import { asyncFunctions, hintsOf, providedByThis } from './lexer.mjs';
import { compile } from './load.mjs';
import { compareOverlapping } from './overlap.mjs';
import { entriesOf, planArguments, start } from './program.mjs';
import { tellRoundsApart } from './rounds.mjs';
import { runOnce } from './run-once.mjs';
import { sourceOf } from './summary.mjs';
import { generic } from './tokens.mjs';
import { World } from './world.mjs';

/** Schedules tried for an entry unless the options or a directive say otherwise. */
const SCHEDULES = 300;
/** No schedule is tried whose answers weigh more than this. */
const MAX_WEIGHT = 4;
/** Schedules of one weight that wait at most; far more than are ever tried. */
const MAX_QUEUED = 5000;
/** How often an entry is begun anew because a stub turned out to be of another kind than was thought. */
const MAX_RESTARTS = 60;

/** What the name of a promise form has behind the name of the function with a callback. */
const SUFFIX = 'Async';

/** Compares two versions of a file. Returns `{ verdict, schedules, entries, difference? }`. */
export async function comparePrograms({ before: source, after: rewritten, module = 'auto', options = {} }) {
  const directives = directivesOf(source);
  const before = compile(source, module, 'before.js');
  const after = compile(rewritten, before.esm ? 'esm' : module, 'after.js');
  after.isAfter = true;
  const profile = profileOf(directives, before, after);
  const limit = directives.schedules ?? options.schedules ?? SCHEDULES;
  const end = directives.overlapping && before.hasRounds ? tellRoundsApart() : () => {};
  try {
    return await compareEntries({ before, after, profile, limit, overlapping: directives.overlapping }, directives.entries);
  } finally {
    end();
  }
}

async function compareEntries(job, wanted) {
  const { before, after, profile } = job;
  const variables = before.declarations
    .filter(({ kind, name }) => /^(?:let|var|const)$/.test(kind) && after.declarations.some((other) => other.name === name))
    .map(({ name }) => name);
  const { entries, difference } = await listEntries(before, after, profile, wanted);
  if (difference) return { verdict: 'different', schedules: 0, entries: [], difference };
  let schedules = 0;
  for (const entry of entries) {
    const result = await exploreEntry({ ...job, variables, entry });
    schedules += result.schedules;
    if (result.difference) {
      return { verdict: 'different', schedules, entries: entries.map(({ label }) => label), difference: { entry: entry.label, ...result.difference } };
    }
  }
  return { verdict: 'same', schedules, entries: entries.map(({ label }) => label) };
}

/** What is known of the stubs, from directives and from the code before the rewrite; exploration adds to it. */
function profileOf(directives, before, after) {
  const lines = new Map([['before.js', before.text.split('\n')], ['after.js', after.text.split('\n')]]);
  return {
    overlapping: directives.overlapping,
    sync: directives.sync,
    promise: directives.promise,
    steady: directives.steady,
    callback: new Set(),
    promiseValues: new Set(),
    plain: new Set(),
    dual: directives.dual,
    values: directives.values,
    results: directives.results,
    argumentLists: new Map(),
    hints: hintsOf(before.tokens),
    becameAsync: becameAsync(before.tokens, after.tokens),
    hasTasks: /\brequire\(\s*(['"])async\1/.test(before.text),
    promiseForms: [],
    lines,
  };
}

/** The names of functions that are async after the rewrite and were not before; `null` stands for those without. */
function becameAsync(before, after) {
  const [old, now] = [asyncFunctions(before), asyncFunctions(after)];
  const names = new Set([...now.names].filter((name) => !old.names.has(name)));
  for (const name of [...names].filter((name) => name.endsWith(SUFFIX))) names.add(name.slice(0, -SUFFIX.length));
  if (now.nameless > old.nameless) names.add(null).add('');
  return names;
}

/** The entries of both sides, and whether an outsider would miss one or find a new one. */
async function listEntries(before, after, profile, wanted) {
  const list = async (program) => {
    const world = new World(new Map(), profile);
    return entriesOf(await start(program, world), world, program.declarations);
  };
  const [old, now] = [await list(before), await list(after)];
  const signature = ({ label, length }) => `${label}/${length}`;
  const missing = old.filter((e) => e.exported && !now.some((other) => signature(other) === signature(e)));
  const added = now.filter((e) => e.exported && e.steps[0] === 'exports' && !old.some((other) => other.label === e.label));
  const provided = providedByThis(before.source);
  const forms = added.map((e) => promiseFormEntry(e, old, provided));
  const changed = [...missing, ...added.filter((_, i) => !forms[i])].map(signature);
  if (changed.length > 0) return { difference: { message: `the public functions or their arity changed: ${changed.join(', ')}` } };
  const shared = old.filter((e) => now.some((other) => other.label === e.label));
  const chosen = shared.filter((e) => !wanted || wanted.has(e.label));
  for (const label of wanted?.keys() ?? []) {
    if (!chosen.some((e) => e.label === label)) throw new Error(`there is no entry ${label}`);
  }
  profile.promiseForms.push(...forms);
  const texts = new Map(now.map(({ label, fn }) => [label, sourceOf(fn)]));
  const entries = chosen.map(({ label, steps, fn }) => {
    return { label, steps, provided, plan: planArguments(fn, wanted?.get(label)), isUntouched: sourceOf(fn) === texts.get(label) };
  });
  const all = [...entries, ...forms.filter(({ steps }) => chosen.some((e) => e.steps.join() === steps.join()))];
  return { entries: wanted ? all : [{ label: 'module', steps: undefined }, ...all] };
}

/**
 * The entry for a function that is new beside one with a callback: `loadAsync` beside `load`. It is to settle as
 * `load` calls back, and is called with the arguments in front of the callback. Nothing if there is no such function.
 */
function promiseFormEntry({ label, steps }, old, provided) {
  if (!label.endsWith(SUFFIX)) return undefined;
  const base = old.find((e) => e.exported && e.label === label.slice(0, -SUFFIX.length));
  const plan = base && planArguments(base.fn);
  const callback = plan?.findLastIndex(({ role }) => role === 'callback') ?? -1;
  if (callback < 0) return undefined;
  const others = plan.filter((_, i) => i !== callback).map((parameter) => ({ ...parameter, optional: false }));
  return { label, steps: base.steps, provided, plan: others, callback, after: { steps, provided } };
}

/** Tries the schedules of one entry, from the start again whenever more has become known of a stub. */
async function exploreEntry(job) {
  let schedules = 0;
  for (let restarts = 0; ; restarts++) {
    const pass = await explorePass(job, restarts < MAX_RESTARTS);
    schedules += pass.schedules;
    if (!pass.learned) return { schedules, difference: pass.difference };
  }
}

async function explorePass(job, mayLearn) {
  const { before, after, profile, limit, variables, entry } = job;
  const queue = new Queue();
  const places = { changed: false };
  const accepted = { rejections: [], promises: new Set(), handles: [], nothing: new Set() };
  queue.add({ from: 0, weight: 0 });
  let schedules = 0;
  for (let schedule; schedules < limit && (schedule = queue.take()); ) {
    const decisions = decisionsOf(schedule);
    const old = await runOnce(before, entry, decisions, profile, variables);
    const lesson = mayLearn ? takeIn(profile, old.learned) : 'nothing';
    if (lesson === 'start again') return { schedules, learned: true };
    if (lesson === 'drop' || isMoot(profile, decisions)) continue;
    schedules++;
    if (old.isMoot) {
      extend(queue, schedule, old.asked);
      continue;
    }
    const now = await runOnce(after, entry, decisions, profile, variables);
    noteReturns(old, accepted);
    const used = { rejections: [], handles: [] };
    const message = job.overlapping
      ? await compareOverlapping(old, now, { decisions, mayLoop: before.mayLoop, places }, (others) => runOnce(before, entry, others, profile, variables))
      : compareRuns(old, now, { ...used, becameAsync: profile.becameAsync, hasTasks: profile.hasTasks, isUntouched: entry.isUntouched });
    if (message && (await isAcceptedByAnotherRun(job, old, now, decisions))) {
      extend(queue, schedule, old.asked);
      continue;
    }
    const describe = (text) => ({ message: text, schedule: [...decisions], before: transcript(old), after: transcript(now) });
    if (message) return { schedules, difference: describe(message) };
    for (const label of used.rejections) accepted.rejections.push({ label, difference: describe(`${label} threw and now rejects, and never returned a promise`) });
    for (const label of used.handles) accepted.handles.push({ label, difference: describe(`${label} returned a timer on every run, and returns nothing now`) });
    // Which of several calls ends first is asked only where they are under way together.
    extend(queue, schedule, job.overlapping ? now.asked : old.asked);
  }
  const unfounded =
    accepted.rejections.find(({ label }) => !accepted.promises.has(label)) ??
    accepted.handles.find(({ label }) => !accepted.nothing.has(label));
  return { schedules, difference: unfounded?.difference };
}

/** Whether a difference is an accepted one, as far as other runs of the code before the rewrite can tell. */
async function isAcceptedByAnotherRun(job, old, now, decisions) {
  const same = async (check) => check(job, old, now, decisions);
  return (await same(isFailureInstead)) || (await same(isFailureBehind)) || (await same(isOtherNothing));
}

/**
 * `util.callbackify` says `null` where there is no error, whatever its callee said: the run goes as one where that did.
 * Code that asks which of them it is goes another way then, and is not meant.
 */
async function isOtherNothing({ before, profile, variables, entry }, old, now, decisions) {
  const isNothing = ([, answer]) => answer === 'no error';
  if (![...decisions].some(isNothing)) return false;
  const others = new Map([...decisions].filter((decision) => !isNothing(decision)));
  const expected = await runOnce(before, entry, others, profile, variables);
  const way = (run) => outline(run).replaceAll('undefined', 'null').replaceAll('(null, null)', '(null)');
  if (way(old) !== way(expected)) return false;
  return compareRuns(expected, now, { rejections: [], handles: [], becameAsync: profile.becameAsync }) === undefined;
}

/**
 * A2 and A3, for a callee that takes a callback and throws at once: asked for a promise, it has failed. So the run is to
 * go as the one in which it fails, wherever the code sends that, and that one is to be as it was.
 */
async function isFailureInstead({ before, after, profile, variables, entry }, old, now, decisions) {
  const key = calleeThrown(old, decisions);
  if (key === undefined || !isSameUpTo(old, now, key)) return false;
  // What is thrown is there before anything else completes.
  const instead = new Map(decisions).set(key, 'fail').set(`order ${key}`, 'at once');
  const expected = await runOnce(after, entry, instead, profile, variables);
  if (outline(expected) !== outline(now)) return false;
  const failed = await runOnce(before, entry, instead, profile, variables);
  return compareRuns(failed, expected, { rejections: [], handles: [], becameAsync: profile.becameAsync }) === undefined;
}

/** A3: what a callback throws goes the way of a failure of the call that it was handed to. */
async function isFailureBehind({ before, profile, variables, entry }, old, now, decisions) {
  const key = crashedBehind(old);
  if (key === undefined) return false;
  const others = new Map(decisions).set(key, 'fail');
  // A call that threw in the callback is not made there, and the first of its name is another one.
  others.delete(old.segments.at(-1).events.at(-1).text.slice(1));
  const failed = await runOnce(before, entry, others, profile, variables);
  if (acceptedA3Within(old, now, failed, key)) return true;
  if (!entry.isUntouched && callsBackAgain(now, failed)) return false;
  // What the callback has done by then may be seen by the code that handles the error.
  const retold = await runOnce(before, entry, decisions, profile, variables, key);
  return compareRuns(retold, now, { rejections: [], handles: [], becameAsync: profile.becameAsync }) === undefined;
}

/** Which functions return promises: only for these may a throw become a rejection (A2). And which return nothing at times. */
function noteReturns(run, { promises, nothing }) {
  for (const event of run.segments.flatMap(({ events }) => events)) {
    if (event.kind !== 'returned') continue;
    if (event.promise) promises.add(event.label);
    if (event.text === `${event.label}: undefined`) nothing.add(event.label);
  }
}

/**
 * Adds the schedules that differ from one just tried in the answer to one question that came up after its last. A
 * schedule points to the one that it bends, as most are never taken and need not be written out.
 */
function extend(queue, schedule, asked) {
  for (let index = schedule.from; index < asked.length; index++) {
    const { key, menu } = asked[index];
    for (let choice = 1; choice < menu.length; choice++) {
      const [answer, extra] = menu[choice];
      const weight = schedule.weight + extra;
      if (weight <= MAX_WEIGHT) queue.add({ parent: schedule, key, answer, from: index + 1, weight });
    }
  }
}

function decisionsOf(schedule) {
  const decisions = new Map();
  for (let at = schedule; at.parent; at = at.parent) decisions.set(at.key, at.answer);
  return decisions;
}

/**
 * Takes in what a run of the code before the rewrite has shown. `start again`: what normally happens is another
 * thing now. `drop`: the schedule was not one that can happen.
 */
function takeIn(profile, learned) {
  let lesson = 'nothing';
  for (const { fact, name } of learned) {
    if (fact === 'results') {
      const [stub, count] = name;
      if (profile.results.has(stub)) continue;
      profile.results.set(stub, count);
      // Calls before this one were given fewer.
      lesson = 'start again';
    } else if (fact === 'promise') {
      if (!profile.promise.has(name) && profile.sync.has(name)) lesson = 'start again';
      else if (lesson === 'nothing') lesson = 'drop';
      profile.promise.add(name);
    } else if (fact === 'callback') {
      // In the same run it was taken for a function of another kind.
      if (!profile.callback.has(name) && learned.some((other) => other.fact === 'function' && other.name === name)) lesson = 'start again';
      profile.callback.add(name);
    } else if (fact === 'plain') {
      profile.plain.add(name);
    } else if (fact === 'function') {
      continue;
    } else {
      const known = fact === 'sync' ? profile.sync : profile.promiseValues;
      const settled = known.has(name) || (fact === 'sync' && profile.promise.has(name));
      if (!settled) lesson = 'start again';
      known.add(name);
    }
  }
  return lesson;
}

/** Whether a schedule has a stub return a plain value that is known by now to return promises, or a plain value be one. */
function isMoot(profile, decisions) {
  for (const [key, answer] of decisions) {
    if (String(answer).startsWith('plain') && profile.promise.has(generic(key))) return true;
    if (answer === 'promise' && profile.plain.has(generic(key.slice('awaited '.length)))) return true;
  }
  return false;
}

/** Schedules by weight, the lightest first, in the order in which they were added. */
class Queue {
  constructor() {
    this.byWeight = [];
  }

  add(schedule) {
    const bucket = (this.byWeight[schedule.weight] ??= { items: [], next: 0 });
    if (bucket.items.length < MAX_QUEUED) bucket.items.push(schedule);
  }

  take() {
    const bucket = this.byWeight.find((b) => b && b.next < b.items.length);
    return bucket?.items[bucket.next++];
  }
}
