// What a rewrite may change that has calls waited for together which were waited for one after the other, and nothing
// else:
//
// - a call starts before an earlier one has ended, though never before that one has started;
// - where a call fails, others have been started that the failure kept from starting;
// - of several failures, any one may be the one that is seen;
// - where a round of a loop fails, what the rounds in front of it would have left behind is not there;
// - what follows a loop that had no round runs in the same turn, but behind the function's return.
//
// So a run after the rewrite has to be like one before it, in which some of the failures are left out: with the same
// events, but for calls that moved up into an earlier turn and calls that are made when all goes well; with the same
// outcome, and no rejection that nobody handles.

/** Whether an answer makes a call fail, or may make what is done with its result fail. */
const isBent = ([, answer]) => /^(?:fail|throw|undefined|null|plain undefined)/.test(answer);

/** Subsets that are tried at most; no schedule has more than a few answers. */
const MAX_SUBSETS = 32;

/** The decisions themselves, and all that are left when some answers are taken out of them. */
function subsets(decisions) {
  const bent = [...decisions].filter(isBent);
  const rest = [...decisions].filter((entry) => !isBent(entry));
  const count = Math.min(2 ** bent.length, MAX_SUBSETS);
  return Array.from({ length: count }, (_, without) => new Map([...rest, ...bent.filter((_, i) => !(without & (1 << i)))]));
}

/**
 * Compares a run after a rewrite with those before it. `runBefore` runs the code before the rewrite with other
 * decisions. `mayLoop`: there is a loop in that code. Returns what differs as one sentence, or nothing.
 * `places.changed` is set where calls that look alike have changed places: one schedule is not the other's then.
 */
export async function compareOverlapping(before, after, options, runBefore) {
  const message = await compareAsNamed(before, after, options, runBefore);
  if (message === undefined || options.places.changed) return undefined;
  // An answer that is meant for one of them goes to another one afterwards, so that only a run without any tells.
  if (options.decisions.size > 0) return message;
  // One may have moved past calls of another look only, or their results were exchanged and nothing else.
  const calls = (run) => eventsOf(run).filter(isCall).map(nameOf).join('\n');
  if (calls(before) === calls(after)) return message;
  for (const run of exchanged(after)) {
    options.places.changed ||= (await compareAsNamed(before, run, options, runBefore)) === undefined;
  }
  return options.places.changed ? undefined : message;
}

/** The same, with each call by the name that it has in both runs. */
async function compareAsNamed(before, after, { decisions, mayLoop }, runBefore) {
  // One that goes on for ever was cut short wherever it had got to.
  if (isCut(before)) return undefined;
  const candidates = [before];
  for (const fewer of subsets(decisions).slice(1)) candidates.push(await runBefore(fewer));
  const callsOf = (run) => new Set(eventsOf(run).filter(isCall).map(nameOf));
  const made = new Set(candidates.flatMap((run) => [...callsOf(run)]));
  const whenWell = candidates.at(-1);
  const all = callsOf(before);
  // A failure that is not the one that is seen still keeps its own call from being followed up.
  const dropped = new Set([...callsOf(whenWell)].filter((name) => !all.has(name)));
  const failsByItself = hasFailed(whenWell);
  const rules = { made, mayLoop, failsByItself };
  const messages = candidates.map((run) => difference(run, after, { ...rules, dropped: run === before ? new Set() : dropped }));
  return messages.includes(undefined) ? undefined : messages[0];
}

/**
 * Calls that look alike are told apart by which comes first, and that may have changed. So this is the same run with the keys of
 * any two of them exchanged.
 */
function exchanged({ segments, hanging, dead, state, initial }) {
  const alike = new Map();
  for (const event of eventsOf({ segments }).filter(isCall)) {
    if (event.key !== undefined) alike.set(event.text, [...(alike.get(event.text) ?? []), event.key]);
  }
  const pairs = [...alike.values()].flatMap((keys) => keys.slice(1).map((key, i) => [keys[i], key]));
  const text = JSON.stringify({ segments, hanging, dead, state, initial });
  return pairs.slice(0, MAX_SUBSETS).map(([one, other]) => {
    return JSON.parse(text.replaceAll(keysOf([one, other]), (key) => (key === one ? other : one)));
  });
}

/** Finds some keys in a text, where no digit follows: `load#1` is no part of `load#12`. */
const keysOf = (keys) => new RegExp(`(?:${keys.map((key) => key.replace(/[^\w#]/g, '\\$&')).join('|')})(?!\\d)`, 'g');

const isCut = (run) => /^too many/.test(run.dead ?? '');
const isEngineFailure = ({ how, value }) => how === 'rejected' && value.endsWith('(engine)');
const hasFailed = (run) => run.segments.some(({ settled }) => settled.some(({ how }) => how === 'rejected'));
/** A call, and what it does at once with a function that it is handed: `enter new Price#1.ƒ0`, `returned load#1.done: 1`. */
const isCall = ({ kind, text }) => kind === 'call' || (['enter', 'returned'].includes(kind) && /^[^:]*#\d+\.[\wƒ]+(?::|$)/.test(text));
const nameOf = ({ kind, text }) => `${kind} ${text}`;

/** All events of a run in their order, each with its turn, and the step at which that begins for the code. */
function eventsOf(run) {
  return run.segments.flatMap(({ events, by }, turn) => {
    // An operation ends by settling a promise, and what the code does then is the first step.
    const start = by === 'start' || by === 'entry' || by.startsWith('call of ') ? 0 : 1;
    return events.map((event) => ({ ...event, turn, start }));
  });
}

function difference(before, after, rules) {
  const [old, now] = [eventsOf(before), eventsOf(after)];
  // What keeps calls from being made then is the code itself.
  const isOwnFailure = rules.failsByItself || before.segments.some(({ settled }) => settled.some(isEngineFailure));
  const keys = new Set(old.map(({ key }) => key));
  return differentEvents(old, now, { ...rules, isOwnFailure, hasFailed: hasFailed(before) }) ?? differentEnds(before, after, rules, keys);
}

/**
 * Every event before is there after, unless it is among `dropped`, in its order but for calls that moved up; what there
 * is beyond is among `made`. Of calls that look alike, it may be the first or the last that is beyond, the last may have moved up
 * in front of the first, and one that is there may be another one than the one that a failure kept from being made.
 */
function differentEvents(old, now, rules) {
  const messages = [{}, { fromTheEnd: true }, { crossed: true }, { drops: true }].map((way) => {
    const some = { ...rules, ...way };
    return differenceOf(matched(old, now, some), some);
  });
  return messages.includes(undefined) ? undefined : messages[0];
}

/** Pairs of events that are the same, those that are missing, and those that are beyond. */
function matched(old, now, rules) {
  const free = [...now];
  const kept = [];
  for (const event of rules.fromTheEnd ? [...old].reverse() : old) {
    if (rules.drops && rules.dropped.has(nameOf(event))) continue;
    const isSame = (other) => other && nameOf(other) === nameOf(event);
    const find = (test) => (rules.fromTheEnd || rules.crossed ? free.findLastIndex(test) : free.findIndex(test));
    const inRound = find((other) => isSame(other) && other.round === event.round);
    const place = inRound < 0 ? find(isSame) : inRound;
    if (place < 0 && (rules.dropped.has(nameOf(event)) || isNeverSet(event, now, rules))) continue;
    if (place < 0) return { missing: event };
    kept.push({ was: event, is: now[place], place });
    free[place] = undefined;
  }
  return { kept: rules.fromTheEnd ? kept.reverse() : kept, beyond: free.filter(Boolean) };
}

function differenceOf({ missing, kept, beyond }, rules) {
  if (missing) return `${nameOf(missing)} is missing`;
  const added = beyond.find((event) => !rules.made.has(nameOf(event)) && !(rules.isOwnFailure && isCall(event)));
  if (added) return `${nameOf(added)} is new`;
  for (let later = 0; later < kept.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const [first, second] = [kept[earlier], kept[later]];
      if (second.place < first.place && !mayPass(first, second, rules)) return `${nameOf(second.is)} comes before ${nameOf(first.is)}`;
    }
  }
  return undefined;
}

/** Whether an event may come before another one that it used to follow. */
function mayPass(first, second, { mayLoop }) {
  // Where a loop had no round that waits, what follows it ran before the function returned; now it waits for nothing.
  if (mayLoop && second.is.kind === 'returned' && second.is.text.endsWith(': promise') && first.is.turn === second.is.turn) return true;
  if (!isCall(second.is)) return false;
  // What a function does before it returns its promise is a part of the same turn.
  if (second.is.turn < first.is.turn || first.is.kind === 'returned') return true;
  // Rounds of a `forEach` are under way at the same time, and so is the code that goes on behind them.
  return isEarlierStep(first, second, mayLoop) || (first.was.round !== second.was.round && isAfter(second.was, first.was));
}

const isAfter = (event, other) => event.turn > other.turn || (event.turn === other.turn && event.step > other.step);

/**
 * Whether a call moved up within a turn, past something that had to wait for what takes no turn, `await 1`: another call,
 * which waits no longer than it did, or a variable that is set when all rounds of a loop have ended.
 */
function isEarlierStep(first, second, mayLoop) {
  const hadToWait = first.was.step > first.was.start && second.is.step < first.is.step;
  return hadToWait && (isCall(first.was) ? first.is.step <= first.was.step : mayLoop && first.was.kind === 'set');
}

/**
 * Whether a variable outside is not set at all, and a failure is why: what the rounds of a loop would have left behind
 * before one failed.
 */
function isNeverSet({ kind, text }, now, { mayLoop, hasFailed }) {
  const place = text.split(' = ')[0];
  return mayLoop && hasFailed && kind === 'set' && !now.some((event) => event.kind === 'set' && event.text.startsWith(`${place} = `));
}

/** How it all ended, in whatever turn. `made` has the keys of all calls before the rewrite. */
function differentEnds(before, after, { mayLoop, failsByItself }, made) {
  const ends = (run) => ({
    settled: run.segments.flatMap(({ settled }) => settled.map(({ label, how, value }) => `${label} ${how} with ${value}`)).sort(),
    unhandled: run.segments.flatMap(({ unhandled }) => unhandled).sort(),
    hanging: run.hanging,
    dead: run.dead ?? 'no',
    state: run.state,
  });
  const [old, now] = [ends(before), ends(after)];
  // A function that a call was handed which a failure kept from being made.
  if (hasFailed(before)) now.settled = now.settled.filter((text) => !/^[^ ]*#\d+\.[^ ]* /.test(text) || made.has(text.slice(0, text.indexOf(' ')).replace(/\.[^.#]*$/, '')));
  if (failsByItself) {
    // A call that was never made before had nobody who looked after it, either, and its failure may be the one that is seen.
    const isNew = (error) => eventsOf(after).some(({ key }) => key !== undefined && error === `!${key}` && !made.has(key));
    now.unhandled = now.unhandled.filter((error) => !isNew(error));
    now.settled = now.settled.map((text, i) => (isNew(text.split(' rejected with ')[1]) && / rejected with /.test(old.settled[i]) ? old.settled[i] : text));
  }
  const different = Object.keys(old).find((what) => JSON.stringify(old[what]) !== JSON.stringify(now[what]));
  if (different === 'state' && mayLoop && isLeftUndone(before, after)) return undefined;
  return different && `${different}: ${JSON.stringify(old[different])} became ${JSON.stringify(now[different])}`;
}

/** Whether something failed, and all that differs in the end is still as it was in the beginning. */
function isLeftUndone(before, after) {
  return hasFailed(before) && after.state.every((line, i) => line === before.state[i] || after.initial.includes(line));
}
