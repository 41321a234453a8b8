// Decides whether two versions of a file behave the same to an outsider.
//
//   node run.mjs BEFORE AFTER     prints the verdict and, if there is one, the simplest difference found
//   node run.mjs                  reads requests from standard input and answers them, one JSON object a line
//
// README.md describes the protocol.

import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import { comparePrograms } from './explore.mjs';
import { LoadError } from './load.mjs';

// Stack traces are never looked at; taking them is what an exception costs most.
Error.stackTraceLimit = 0;
// Code under test may listen for the same abort signal many times; it is none of our business.
process.setMaxListeners(0);
process.removeAllListeners('warning');

/** The answer to a request. Nothing in a request can end the process: what goes wrong is part of the answer. */
async function answer(request) {
  const { id } = request;
  try {
    return { id, ...(await comparePrograms(request)) };
  } catch (error) {
    const message = error instanceof LoadError ? error.message : `${error.name}: ${error.message}`;
    return { id, verdict: 'error', schedules: 0, message };
  }
}

async function serve() {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    let request;
    try {
      request = JSON.parse(line);
    } catch {
      request = { id: null, before: '', after: '', unreadable: true };
    }
    const result = request.unreadable ? { id: null, verdict: 'error', schedules: 0, message: 'not JSON' } : await answer(request);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

async function compareFiles(before, after) {
  const module = /\.mjs$/.test(before) ? 'esm' : 'auto';
  const request = { before: readFileSync(before, 'utf8'), after: readFileSync(after, 'utf8'), module };
  const started = performance.now();
  const { verdict, schedules, entries, difference, message } = await answer(request);
  const milliseconds = Math.round(performance.now() - started);
  console.log(`${verdict} (${schedules} schedules, ${milliseconds} ms; entries: ${entries?.join(', ') ?? 'none'})`);
  if (message) console.log(message);
  if (difference) {
    console.log(`${difference.entry ?? 'file'}: ${difference.message}`);
    console.log(`schedule: ${(difference.schedule ?? []).map(([key, value]) => `${key} -> ${value}`).join('; ') || 'all goes well'}`);
    for (const side of ['before', 'after']) console.log(`\n${side}\n  ${(difference[side] ?? []).join('\n  ')}`);
  }
  process.exitCode = verdict === 'same' ? 0 : 1;
}

const [before, after] = process.argv.slice(2);
await (after ? compareFiles(before, after) : serve());
