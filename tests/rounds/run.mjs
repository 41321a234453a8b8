// Runs a file before and after its loops were rewritten, with real lists and with stubs that take their time, and
// prints every difference that a rewrite may not make. One request a line on standard input, one answer a line:
//
//   {"name": "…", "before": "…", "after": "…", "bound": 8}  ->  {"name": "…", "wrong": ["…"], "peak": 8, "runs": 50}
//
// What has to hold: with all calls going well, the same calls are made and the same comes out, whichever ends first, and
// no more than `bound` are under way at once. With one call failing, the function fails with that error, no call starts
// after it, and nothing is left unhandled.

import readline from 'node:readline';

/** A generator of numbers below 1 that starts from a seed. */
const dice = (seed) => () => ((seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648);

const SIZE = 30;
const IDS = Array.from({ length: SIZE }, (_, i) => `id${i}`);

/** What the stubs answer, by the argument that they are asked for. */
const number = (id) => 1 + (Number(String(id?.id ?? id).match(/\d+/)?.[0] ?? 0) * 7) % 10;
const user = (id) => ({ id, name: `user ${id}`, age: 20 + number(id), weight: number(id) / 10, active: number(id) % 2 === 0 });
const ANSWERS = {
  getUser: user,
  findUser: (id) => (number(id) % 3 === 0 ? null : user(id)),
  getFollower: (name) => `behind ${name}`,
  getName: (name) => `name ${name}`,
  getOrders: (id) => [`order of ${id}`],
  getPrice: (id) => number(id) / 10,
  getPage: (n) => ({ ok: true, n }),
  isActive: (id) => number(id) % 2 === 0,
  validateFile: () => undefined,
  findEntry: (name) => `entry of ${name}`,
  findSummary: (script) => (number(script) % 3 === 0 ? null : `summary of ${script.id}`),
  loadModule: (name) => `module ${number(name)}`,
  replaceInFiles: ({ from }) => [`file with ${from}`],
  resolveRef: (ref) => (number(ref) % 4 === 0 ? undefined : `ref of ${ref}`),
};

/** Arguments by the name of the parameter. */
const ARGUMENTS = {
  ids: () => [...IDS],
  refs: () => [...IDS],
  keys: () => [...IDS],
  files: () => [...IDS],
  names: () => [...IDS],
  known: () => new Set(IDS.filter((id) => number(id) > 5)),
  scripts: () => IDS.map((id) => ({ id, kind: `kind ${number(id) % 4}` })),
  users: () => IDS.map(user),
  map: () => Object.fromEntries(IDS.map((id) => [id, id])),
  patterns: () => [...IDS],
  options: () => ({ count: SIZE }),
  others: () => [...IDS],
  out: () => [],
  errors: () => [],
  seen: () => new Set(),
  n: () => SIZE,
  shop: (stubs) => ({ getPrice: stubs.getPrice }),
};

/** One call of the function under test. */
async function run(code, seed, failing) {
  const random = dice(seed);
  const seen = { calls: [], underWay: 0, peak: 0, late: 0, failure: undefined, unhandled: [] };
  const stub = (name) => async (...args) => {
    if (seen.failure) seen.late++;
    const call = `${name}(${JSON.stringify(args)})`;
    const ordinal = seen.calls.push(call) - 1;
    seen.peak = Math.max(seen.peak, ++seen.underWay);
    for (let turns = 1 + Math.floor(random() * 12); turns > 0; turns--) await new Promise(setImmediate);
    seen.underWay--;
    if (failing === call || failing === ordinal) {
      const error = new Error(call);
      seen.failure ??= error;
      throw error;
    }
    return ANSWERS[name](...args);
  };
  const stubs = Object.fromEntries(Object.keys(ANSWERS).map((name) => [name, stub(name)]));
  const module = { exports: {} };
  const names = Object.keys(stubs);
  new Function('module', 'exports', ...names, code)(module, module.exports, ...names.map((name) => stubs[name]));
  const [entry] = Object.values(module.exports);
  const parameters = entry.toString().match(/\(([^)]*)\)/)[1].split(',').map((name) => name.trim());
  const args = parameters.map((name) => {
    if (!ARGUMENTS[name]) throw new Error(`no argument for ${name}`);
    return ARGUMENTS[name](stubs);
  });
  const note = (reason) => seen.unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    seen.value = await entry(...args);
  } catch (error) {
    seen.error = error;
  }
  for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  return seen;
}

const show = (value) => JSON.stringify(value, (_, v) => (v instanceof Map ? ['Map', ...v] : v));

async function compare({ before, after, bound }) {
  const wrong = new Set();
  let peak = 0;
  let runs = 0;
  const asItIs = await run(before, 1);
  if (asItIs.error) throw asItIs.error;
  for (let seed = 1; seed <= 20; seed++) {
    const now = await run(after, seed);
    runs++;
    peak = Math.max(peak, now.peak);
    if (now.error) wrong.add(`fails: ${now.error}`);
    if (show(now.value) !== show(asItIs.value)) wrong.add(`gives ${show(now.value)} for ${show(asItIs.value)}`);
    if (show([...now.calls].sort()) !== show([...asItIs.calls].sort())) wrong.add('makes other calls');
    if (bound && now.peak > bound) wrong.add(`has ${now.peak} calls under way at once`);
  }
  for (let ordinal = 0; ordinal < asItIs.calls.length; ordinal++) {
    const call = asItIs.calls[ordinal];
    const failed = await run(before, 1, call);
    const now = await run(after, ordinal + 1, call);
    runs++;
    if (Boolean(failed.error) !== Boolean(now.error)) wrong.add(`a failure is ${now.error ? '' : 'not '}seen`);
    if (!failed.error && show(now.value) !== show(failed.value)) wrong.add(`after a failure gives ${show(now.value)} for ${show(failed.value)}`);
    if (now.error && now.error !== now.failure) wrong.add(`another error is thrown: ${now.error}`);
    if (now.error && now.late > 0) wrong.add(`${now.late} calls start after a failure`);
    if (now.unhandled.length > 0) wrong.add(`an unhandled rejection: ${now.unhandled[0]}`);
  }
  return { wrong: [...wrong], peak, runs };
}

for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = await compare(request);
  } catch (error) {
    answer = { wrong: [`error: ${error.stack}`], peak: 0, runs: 0 };
  }
  process.stdout.write(`${JSON.stringify({ name: request.name, ...answer })}\n`);
}
