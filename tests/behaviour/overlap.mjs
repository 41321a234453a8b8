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
 */
export async function compareOverlapping(before, after, { decisions, mayLoop }, runBefore) {
  const candidates = [{ run: before, decisions }];
  for (const fewer of subsets(decisions).slice(1)) candidates.push({ run: await runBefore(fewer), decisions: fewer });
  const callsOf = (run) => new Set(eventsOf(run).filter(isCall).map(nameOf));
  const made = new Set(candidates.flatMap(({ run }) => [...callsOf(run)]));
  const [all, whenWell] = [callsOf(before), callsOf(candidates.at(-1).run)];
  // A failure that is not the one that is seen still keeps its own call from being followed up.
  const dropped = new Set([...whenWell].filter((name) => !all.has(name)));
  const messages = candidates.map(({ run }) => difference(run, after, made, run === before ? new Set() : dropped, mayLoop));
  return messages.includes(undefined) ? undefined : messages[0];
}

const isEngineFailure = ({ how, value }) => how === 'rejected' && value.endsWith('(engine)');
/** A call, and what it does at once with a function that it is handed: `enter new Price#1.ƒ0`, `returned new Price#1.ƒ0: 1`. */
const isCall = ({ kind, text }) => kind === 'call' || (['enter', 'returned'].includes(kind) && /^[^:]*#\d+\.ƒ\d+(?::|$)/.test(text));
const nameOf = ({ kind, text }) => `${kind} ${text}`;

/** All events of a run in their order, each with its turn. */
function eventsOf(run) {
  return run.segments.flatMap(({ events }, turn) => events.map((event) => ({ ...event, turn })));
}

function difference(before, after, made, dropped, mayLoop) {
  // What keeps calls from being made then is the code itself, on each run.
  const failsByItself = before.segments.some(({ settled }) => settled.some(isEngineFailure));
  return differentEvents(eventsOf(before), eventsOf(after), made, dropped, { mayLoop, failsByItself }) ?? differentEnds(before, after, mayLoop);
}

/**
 * Every event before is there after, unless it is among `dropped`, in its order but for calls that moved up; what there
 * is beyond is among `made`.
 */
function differentEvents(old, now, made, dropped, { mayLoop, failsByItself }) {
  const free = [...now];
  const places = [];
  for (const event of old) {
    const place = free.findIndex((other) => other && nameOf(other) === nameOf(event));
    if (place < 0 && dropped.has(nameOf(event))) continue;
    if (place < 0) return `${nameOf(event)} is missing`;
    places.push(place);
    free[place] = undefined;
  }
  const added = free.filter(Boolean).find((event) => !made.has(nameOf(event)) && !(failsByItself && isCall(event)));
  if (added) return `${nameOf(added)} is new`;
  for (let later = 0; later < places.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const [first, second] = [now[places[earlier]], now[places[later]]];
      // What a function does before it returns its promise is a part of the same turn.
      const hasMovedUp = isCall(second) && (second.turn < first.turn || first.kind === 'returned');
      // Where a loop had no round that waits, what follows it ran before the function returned; now it waits for nothing.
      const isLater = mayLoop && second.kind === 'returned' && second.text.endsWith(': promise') && first.turn === second.turn;
      if (places[later] < places[earlier] && !hasMovedUp && !isLater) return `${nameOf(second)} comes before ${nameOf(first)}`;
    }
  }
  return undefined;
}

/** How it all ended, in whatever turn. */
function differentEnds(before, after, mayLoop) {
  const ends = (run) => ({
    settled: run.segments.flatMap(({ settled }) => settled.map(({ label, how, value }) => `${label} ${how} with ${value}`)),
    unhandled: run.segments.flatMap(({ unhandled }) => unhandled),
    hanging: run.hanging,
    dead: run.dead ?? 'no',
    state: run.state,
  });
  const [old, now] = [ends(before), ends(after)];
  const different = Object.keys(old).find((what) => JSON.stringify(old[what]) !== JSON.stringify(now[what]));
  if (different === 'state' && mayLoop && isLeftUndone(before, after)) return undefined;
  return different && `${different}: ${JSON.stringify(old[different])} became ${JSON.stringify(now[different])}`;
}

/** Whether something failed, and all that differs in the end is still as it was in the beginning. */
function isLeftUndone(before, after) {
  const hasFailed = before.segments.some(({ settled }) => settled.some(({ how }) => how === 'rejected'));
  return hasFailed && after.state.every((line, i) => line === before.state[i] || after.initial.includes(line));
}
