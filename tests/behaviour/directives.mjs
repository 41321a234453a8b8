// What a fixture may say about its world in comments of the form `// behaviour: …`. README.md lists the forms.

import vm from 'node:vm';

/** Reads the directives of a source. An unknown one is an error: a misspelt directive would weaken a test unseen. */
export function directivesOf(source) {
  const found = { entries: undefined, sync: new Set(), promise: new Set(['fetch']), steady: new Set(['fetch']), dual: new Set(), values: new Map(), results: new Map(), overlapping: false };
  for (const [, kind, rest] of source.matchAll(/^[ \t]*\/\/ behaviour:[ \t]*(\S+)[ \t]*(.*?)[ \t]*\r?$/gm)) {
    const read = READERS[kind];
    if (!read) throw new Error(`unknown directive: behaviour: ${kind}`);
    read(found, rest);
  }
  return found;
}

const listOf = (text) => text.split(/[\s,]+/).filter(Boolean);

const READERS = {
  entry(found, rest) {
    found.entries ??= new Map();
    for (const [, label, names] of rest.matchAll(/([\w$.#]+)(?:\(([^)]*)\))?/g)) {
      found.entries.set(label, names === undefined ? undefined : listOf(names));
    }
  },
  sync: (found, rest) => listOf(rest).forEach((name) => found.sync.add(name)),
  promise: (found, rest) => listOf(rest).forEach((name) => found.promise.add(name)),
  steady: (found, rest) => listOf(rest).forEach((name) => found.steady.add(name)),
  dual: (found, rest) => listOf(rest).forEach((name) => found.dual.add(name)),
  values(found, rest) {
    const [, name, alternatives] = /^(\S+)\s*=\s*(.*)$/.exec(rest) ?? [];
    if (!name) throw new Error(`not understood: behaviour: values ${rest}`);
    // Each use gets a value of its own, so that one run can't change what the next one is given.
    found.values.set(name, alternatives.split(/\s\|\s/).map((text) => () => vm.runInThisContext(`(${text})`)));
  },
  results(found, rest) {
    for (const [, name, count] of rest.matchAll(/(\S+)\s*=\s*(\d+)/g)) found.results.set(name, Number(count));
  },
  schedules: (found, rest) => (found.schedules = Number(rest)),
  overlap: (found) => (found.overlapping = true),
  // For the runner in Rust: whether the fixture is compared at all.
  skip: () => {},
  compare: () => {},
};
