// Whether an outsider who saw one run could tell it from another. Equal is equal, event by event and turn by turn;
// what is let through beside that is exactly the list of accepted differences, each in a function named after it.
// A1's extra microtasks need no function: turns are macrotasks. A4 and A5 need none either: summaries leave out
// which promise it is, stack traces, and the names and lengths of inner functions.

/**
 * Compares what was seen before and after a rewrite. Returns what differs as one sentence, or nothing.
 * `accepted.rejections` collects uses of A2 by the label of the function: they hold only for functions that return
 * promises on other runs; `accepted.handles` those of functions that have to return nothing on other runs.
 * `accepted.becameAsync` has the names of the functions that the rewrite made async; `accepted.isUntouched` says whether the
 * entry itself is as it was, and `accepted.hasTasks` whether the code has tasks of the `async` library.
 */
export function compareRuns(before, after, accepted) {
  const cut = isCut(before) || isCut(after);
  const count = cut ? Math.min(before.segments.length, after.segments.length) - 1 : Math.max(before.segments.length, after.segments.length);
  for (let i = 0; i < count; i++) {
    const [b, a] = [before.segments[i], after.segments[i]];
    if (b && a && (acceptedA1Unhandled(b, a) || acceptedA1Throw(b, a))) return undefined;
    const difference = compareSegments(b, a, accepted);
    if (difference) return isAcceptedThrow(before, after, i, accepted) ? undefined : difference;
  }
  if (cut) return undefined;
  const difference = compareEnds(before, after);
  return difference && acceptedA2Within(before, after, count - 1, accepted.becameAsync) ? undefined : difference;
}

function isAcceptedThrow(before, after, index, { becameAsync, isUntouched, hasTasks }) {
  return (
    acceptedA3(before, after, index, isUntouched) ||
    (hasTasks && acceptedA3Unheard(before, after, index)) ||
    acceptedA3Wrapped(before, after, index) ||
    acceptedA3Unhandled(before, after, index) ||
    acceptedA2Within(before, after, index, becameAsync) ||
    acceptedA2Callback(before, after, index) ||
    acceptedA2Untold(before, after, index)
  );
}

function compareSegments(before, after, accepted) {
  if (!before) return `something goes on (${after.by}) where all was over`;
  if (!after) return `all is over where something went on (${before.by})`;
  if (before.by !== after.by) return `${after.by} completes where ${before.by} did`;
  const mended = withRejections(before, after, accepted);
  return (
    compareEvents(mended.events, after.events, accepted) ??
    compareLists('settled', mended.settled.map(settlement), after.settled.map(settlement)) ??
    compareLists('unhandled rejections', before.unhandled, after.unhandled)
  );
}

const settlement = ({ label, how, value }) => `${label} ${how} with ${value}`;

function compareEnds(before, after) {
  return (
    compareLists('promises that never settle', before.hanging, after.hanging) ?? compareLists('state in the end', before.state, after.state)
  );
}

function compareLists(what, before, after) {
  const [b, a] = [before.toSorted(), after.toSorted()].map((list) => list.join('; '));
  return b === a ? undefined : `${what}: ${b || 'none'} became ${a || 'none'}`;
}

/** Events in their order. The place of a return among them counts: it says what was done synchronously. */
function compareEvents(before, after, accepted) {
  const [b, a] = [withoutReturns(before), withoutReturns(after)];
  for (let i = 0; i < Math.max(b.events.length, a.events.length); i++) {
    const [old, now] = [b.events[i], a.events[i]];
    if (old?.kind !== now?.kind || old.text !== now.text) {
      return `${describe(old, 'nothing more')} became ${describe(now, 'nothing')}`;
    }
  }
  for (let i = 0; i < Math.max(b.returns.length, a.returns.length); i++) {
    const [old, now] = [b.returns[i], a.returns[i]];
    if (old?.event.kind !== now?.event.kind || (old.event.text !== now.event.text && !isIdleHandle(old.event, now.event, accepted))) {
      return `${describe(old?.event, 'no return')} became ${describe(now?.event, 'no return')}`;
    }
    if (old.at !== now.at && !acceptedA1(old.at, now.at, b.events)) {
      return `${now.event.text}: returned ${now.at < old.at ? 'before' : 'after'} ${describe((b.events[Math.min(old.at, now.at)]), 'the end')}`;
    }
  }
  return undefined;
}

/**
 * A function with a callback may return a timer for the sake of returning: `return setImmediate(done)`. Where it returns
 * nothing on another path, nobody can clear the timer by it. `accepted.handles` collects the labels of those for which
 * such a path has to be found by running them.
 */
function isIdleHandle(old, now, accepted) {
  if (!old.isHandle || now.text !== `${old.label}: undefined`) return false;
  if (!old.mayReturnNothing) accepted.handles.push(old.label);
  return true;
}

const describe = (event, none) => (event ? `${event.kind} ${event.text}` : none);

function withoutReturns(all) {
  const events = [];
  const returns = [];
  for (const event of all) {
    if (event.kind === 'returned' || event.kind === 'threw') returns.push({ event, at: events.length });
    else events.push(event);
  }
  return { events, returns };
}

/** A1: a callback that used to be called before the function returned may be called after it did. */
function acceptedA1(before, after, events) {
  return after < before && events[after].kind === 'callback';
}

/** A1, where that callback throws: it throws at nobody, where it used to throw through the function that called it. */
function acceptedA1Throw(...segments) {
  const [before, after] = segments.map(({ events }) => withoutReturns(events));
  const thrown = before.returns.find(({ event }) => event.kind === 'threw' && event.thrownByCallback);
  const last = after.events.at(-1);
  if (!thrown || last?.kind !== 'uncaught' || last.text !== thrown.event.error) return false;
  const rest = after.events.slice(0, -1).map((event) => event.text).join('\n');
  return before.events.at(-1)?.kind === 'callback' && before.events.map((event) => event.text).join('\n') === rest;
}

/**
 * A1, where that callback was called by a promise's handler: its error went unhandled, and now ends the run as it is. A
 * callback of the code's own is called on a tick by `util.callbackify`.
 */
function acceptedA1Unhandled(before, after) {
  const last = after.events.at(-1);
  const isOfCallback = last?.kind === 'uncaught' && (last.thrownByCallback || last.via === 'tick');
  if (!isOfCallback || before.unhandled.join() !== last.error) return false;
  return before.events.length === after.events.length - 1 && follows(after.events, before.events);
}

/** A2: what was thrown before, and is rejected now, is written as a rejection on both sides. */
function withRejections(before, after, accepted) {
  const settled = [...before.settled];
  const events = before.events.map((event) => {
    if (event.kind !== 'threw') return event;
    const rejected = after.settled.some((s) => s.how === 'rejected' && s.label === event.label && s.value === event.error);
    const returned = after.events.find((e) => e.kind === 'returned' && e.label === event.label && e.promise);
    if (!rejected || !returned) return event;
    settled.push({ label: event.label, how: 'rejected', value: event.error });
    accepted.rejections.push(event.label);
    return returned;
  });
  return { events, settled };
}

/**
 * A2, seen from further out: a stub threw in a function that is async now, and another function, which called it and
 * let the error through, is given a rejection. What it makes of that, here and in later turns, is its own affair, but
 * the error may not get lost.
 */
function acceptedA2Within(before, after, last, becameAsync) {
  for (let index = 0; index <= last && index < before.segments.length; index++) {
    const { events } = before.segments[index];
    const thrown = events.at(-1);
    if (thrown?.kind !== 'threw' || after.dead || !becameAsync.has(thrown.thrownIn)) continue;
    if (turnsUp(after, index, events.slice(0, -1), thrown.error)) return true;
  }
  return false;
}

/**
 * A3: the body of an error-first callback threw, and the process went down. Up to there the runs are the same; then
 * the error turns up where the function hands over errors, and is not lost again. Whoever hands it on as before may have
 * called back already, with something else.
 */
function acceptedA3(before, after, index, isUntouched) {
  const crash = before.segments[index]?.events.at(-1);
  if (crash?.kind !== 'uncaught' || after.dead || crash.via !== 'callback' || crash.thrownByCallback) return false;
  const isTold = callbacksFrom(after, 0).some(({ error }) => error === crash.text);
  if (isTold && !isUntouched && !isOnlyCall(after, 0, crash.text)) return false;
  return turnsUp(after, index, before.segments[index].events.slice(0, -1), crash.text);
}

/**
 * A3, where the body was that of a task of the `async` library: those tell of the first error only, and another task's had
 * been told of.
 */
function acceptedA3Unheard(before, after, index) {
  const crash = before.segments[index]?.events.at(-1);
  if (crash?.kind !== 'uncaught' || after.dead || crash.via !== 'callback' || crash.thrownByCallback) return false;
  const told = before.segments.flatMap(({ events }) => events).filter(({ kind, error }) => kind === 'callback' && error);
  const rest = after.segments.slice(index).flatMap(({ events }) => events);
  const done = before.segments[index].events.slice(0, -1);
  return told.length > 0 && rest.length === done.length && follows(rest, done);
}

/**
 * A3, where the function's channel leads through code that makes an error of its own of it: all that is left to happen is
 * that one callback is told of one.
 */
function acceptedA3Wrapped(before, after, index) {
  const crash = before.segments[index]?.events.at(-1);
  if (crash?.kind !== 'uncaught' || after.dead || crash.via !== 'callback' || crash.thrownByCallback) return false;
  const done = before.segments[index].events.slice(0, -1);
  if (!follows(after.segments[index]?.events ?? [], done)) return false;
  const [told, ...more] = after.segments.slice(index).flatMap(({ events }) => events).slice(done.length);
  return told?.kind === 'callback' && told.error?.startsWith('Error') && more.length === 0;
}

/**
 * A3, where a promise's handler called the error-first callback (`load().then((v) => next(null, v), next)`): what its body
 * throws, the engine above all and what is part of it, was an unhandled rejection. A stub's failure may be one that no
 * callback has to do with.
 */
function acceptedA3Unhandled(before, after, index) {
  const { events, unhandled } = before.segments[index] ?? { unhandled: [] };
  const [error] = unhandled;
  if (unhandled.length !== 1 || !/\(engine\)$|^!JSON\.parse /.test(error) || after.dead) return false;
  const isTold = callbacksFrom(after, 0).some((call) => call.error === error);
  return (!isTold || isOnlyCall(after, 0, error)) && turnsUp(after, index, events, error);
}

/** The call whose callback threw and brought a run down, if one did and it was not an outsider's own callback. */
export function crashedBehind(run) {
  const { by, events } = run.segments.at(-1);
  const crash = events.at(-1);
  const isThrown = crash?.kind === 'uncaught' && crash.via === 'callback' && !crash.thrownByCallback;
  return isThrown && run.withCallback.has(by) ? by : undefined;
}

/**
 * A3, seen from further out: the error of a callback's body goes where a failure of the call goes that it was handed to.
 * So from the crash on, `after` goes on as `failed` does, a run before the rewrite in which that call fails. This is for
 * callbacks that do something before they look at their error; calling those once more would do it twice.
 */
export function acceptedA3Within(before, after, failed, key) {
  const crash = before.segments.at(-1).events;
  const tail = (run, skipped) => {
    const index = run.segments.findIndex(({ by }) => by === key);
    if (index < 0 || run.dead || !follows(run.segments[index].events, skipped)) return undefined;
    const [first, ...rest] = run.segments.slice(index);
    const text = outline({ ...run, state: [], segments: [{ ...first, events: first.events.slice(skipped.length) }, ...rest] });
    return text.replaceAll(JSON.stringify(`!${key}`).slice(1, -1), JSON.stringify(crash.at(-1).text).slice(1, -1));
  };
  const done = crash.slice(0, -1);
  const failing = failed.segments.find(({ by }) => by === key)?.events ?? [];
  // What stands in front of the question for the error is done both times.
  const both = failing.findIndex((event, i) => !follows([event], done.slice(i, i + 1)) || i >= done.length);
  const front = failing.slice(0, both < 0 ? failing.length : both);
  if (front.length === 0) return false;
  const expected = [[], front].map((skipped) => tail(failed, skipped));
  const seen = tail(after, done);
  // What the callback had done by then stays done.
  const states = [failed, before].map(({ state }) => state.join('\n'));
  return seen !== undefined && expected.includes(seen) && states.includes(after.state.join('\n'));
}

/**
 * A2, for a function with a callback: what a callee or the engine threw at once, and no statement of the function,
 * reaches its callback, and that is all that this callback gets.
 */
function acceptedA2Callback(before, after, last) {
  for (let index = 0; index <= last && index < before.segments.length; index++) {
    const { events } = before.segments[index];
    const thrown = events.at(-1);
    if (thrown?.kind !== 'threw' || !thrown.implicit || crashOf(after) !== crashOf(before)) continue;
    if (!turnsUp(after, index, events.slice(0, -1), thrown.error)) continue;
    if (isOnlyCall(after, index, thrown.error)) return true;
  }
  return false;
}

/**
 * A2, for a function whose callback is never told of an error: what a callee or the engine threw at once ends the process,
 * by `util.callbackify`, and the callback is not called.
 */
function acceptedA2Untold(before, after, last) {
  const ended = after.segments.at(-1).events.at(-1);
  if (after.dead !== 'uncaught' || ended?.via !== 'tick') return false;
  for (let index = 0; index <= last && index < before.segments.length; index++) {
    const { events } = before.segments[index];
    const thrown = events.at(-1);
    const isSame = thrown?.kind === 'threw' && thrown.implicit && thrown.error === ended.error;
    if (isSame && follows(after.segments[index]?.events ?? [], events.slice(0, -1))) {
      return callbacksFrom(after, index).length === callbacksFrom(before, index).length;
    }
  }
  return false;
}

/** Whether a run was cut short, since it would not come to an end. */
const isCut = (run) => /^too many/.test(run.dead ?? '');

/** What brought a run down, if anything did. */
const crashOf = (run) => run.dead && !isCut(run) && run.segments.at(-1).events.at(-1)?.text;

/** Whether one callback is called with an error from a turn on, and only once. */
function isOnlyCall(run, index, error) {
  const calls = callbacksFrom(run, index);
  const told = calls.filter((call) => call.error === error);
  return told.length === 1 && calls.filter(({ callback }) => callback === told[0].callback).length === 1;
}

/** Whether a callback is called more than once, and more often than in another run, in which a call fails. */
export function callsBackAgain(run, failed) {
  const count = (all, callback) => callbacksFrom(all, 0).filter((call) => call.callback === callback).length;
  return callbacksFrom(run, 0).some(({ callback }) => count(run, callback) > Math.max(1, count(failed, callback)));
}

/** The calls of callbacks from a turn on, up to the next call of a function that was handed out. */
function callbacksFrom(run, index) {
  const end = run.segments.findIndex(({ by }, i) => i > index && by.startsWith('call of '));
  const segments = run.segments.slice(index, end < 0 ? undefined : end);
  return segments.flatMap(({ events }) => events.filter(({ kind }) => kind === 'callback'));
}

/** The call of a stub with a callback that threw at once, if that was the end of it before the rewrite. */
export function calleeThrown(run, decisions) {
  return [...run.withCallback].find((key) => decisions.get(key) === 'throw' && run.segments.some((segment) => endsWith(segment, key)));
}

/** Whether a turn ends with what a call threw: thrown at whoever entered the code, or at nobody. */
function endsWith({ events, settled, unhandled }, key) {
  const end = events.at(-1);
  const isThrown = (end?.kind === 'threw' && end.implicit) || (end?.kind === 'uncaught' && end.via === 'callback');
  if (unhandled.includes(`!${key}`)) return true;
  return (isThrown && end.error === `!${key}`) || settled.some(({ how, value }) => how === 'rejected' && value === `!${key}`);
}

/** Whether a run goes like another one up to where a call throws in that. */
export function isSameUpTo(before, after, key) {
  const index = before.segments.findIndex((segment) => endsWith(segment, key));
  const events = before.segments[index].events.filter(({ kind }) => kind !== 'threw' && kind !== 'uncaught' && kind !== 'returned');
  return follows(after.segments[index]?.events ?? [], events);
}

/** All that happened in a run, in its order, without the turns: of one that waits for nothing and one that does. */
export function outline(run) {
  const events = run.segments.flatMap((segment) => segment.events.filter((e) => e.kind !== 'returned'));
  const ends = run.segments.flatMap(({ settled, unhandled }) => [...settled.map(settlement), ...unhandled]);
  return JSON.stringify([events.map(({ kind, text }) => [kind, text]), ends, run.dead, run.hanging, run.state]);
}

const follows = (events, first) => first.every((event, i) => event.text === events[i]?.text && event.kind === events[i].kind);

/** Whether a run goes as `events` say, and an error then reaches somebody: a promise, a callback or a collaborator. */
function turnsUp(run, index, events, error) {
  const all = run.segments[index]?.events ?? [];
  if (!follows(all, events)) return false;
  const later = [{ ...run.segments[index], events: all.slice(events.length) }, ...run.segments.slice(index + 1)];
  return later.some(
    ({ events: more, settled }) =>
      settled.some((s) => s.how === 'rejected' && s.value === error) ||
      more.some((e) => e.kind !== 'uncaught' && (e.error === error || e.errors?.includes(error))),
  );
}

/** A run as lines of text, for people. */
export function transcript(run) {
  const lines = run.segments.flatMap(({ by, events, settled, unhandled }) => [
    `-- ${by}`,
    ...events.map((event) => `${event.kind} ${event.text}`),
    ...settled.map(settlement),
    ...unhandled.map((error) => `unhandled rejection of ${error}`),
  ]);
  if (run.dead) lines.push(`-- ended: ${run.dead}`);
  if (run.hanging.length > 0) lines.push(`-- never settled: ${run.hanging.join(', ')}`);
  return [...lines, ...run.state.map((line) => `-- ${line}`)];
}
