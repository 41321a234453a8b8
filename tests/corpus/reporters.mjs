// How many tests passed, read off what a suite prints.

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

const READERS = {
  mocha: (text) => sum(text, /^\s*(\d+) passing/gm),
  tape: (text) => sum(text, /^# pass\s+(\d+)/gm),
  jest: (text) => sum(text, /^Tests:.*?(\d+) passed/gm),
  // The count of passed tests is left out where one has failed.
  ava: (text) => text.split('\n').filter((line) => /^\s*✔ /.test(line)).length,
  jasmine: (text) => {
    const last = [...text.matchAll(/Executed (\d+) of \d+ specs?(?:.*?(\d+) FAILED)?/g)].pop();
    return last ? Number(last[1]) - Number(last[2] ?? 0) : 0;
  },
  // Nested assertions count; the line of a whole file, which ends in its time, does not.
  tap: (text) => text.split('\n').filter((line) => /^\s{4,}ok \d+/.test(line) && !/# time=/.test(line)).length,
  lines: (text) => text.split('\n').filter((line) => /^\s*ok\b|: pass$/.test(line)).length,
};

/** The number of passed tests in the output of a suite with the given reporter. */
export function passed(reporter, output) {
  return READERS[reporter](output.replace(/\x1b\[[0-9;]*[A-Za-z]/g, ''));
}
