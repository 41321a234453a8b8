// Waiting before and after a rewrite, against a local server with a fixed delay.
//
//   node benches/waiting/run.mjs [--unpyramid FILE] [--delay MS] [--count N] [--concurrency N]
//
// The code in `before` is rewritten by the tool, and both are run. Beside them runs what people write first, all
// requests at once. The time that arithmetic gives is the delay times the waves, or times ceil(N / concurrency). Exits
// with 1 if the rewritten code is more than 10 % off it, or gives another result.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const options = { unpyramid: path.join(here, '../../target/release/unpyramid'), delay: 100, count: 100, concurrency: 8 };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options)) throw new Error(`unknown option --${name}`);
  options[name] = name === 'unpyramid' ? process.argv[i + 1] : Number(process.argv[i + 1]);
}
const { delay, count, concurrency } = options;
const RUNS = 3;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waiting-'));
const after = path.join(folder, 'after');
fs.cpSync(path.join(here, 'before'), after, { recursive: true });
execFileSync(path.resolve(options.unpyramid),
  ['apply', '--unsafe', '--allow-dirty', '--concurrency', String(concurrency), '.'], { cwd: after });

const server = spawn(process.execPath, [path.join(here, 'server.mjs'), String(delay), String(64 * 1024)]);
const port = await new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data).trim())));
const base = `http://127.0.0.1:${port}`;

const measure = (code, variant) => {
  const runs = Array.from({ length: RUNS }, () =>
    JSON.parse(execFileSync(process.execPath, [path.join(here, 'drive.mjs'), code, variant, base, String(count)])));
  return runs.sort((a, b) => a.milliseconds - b.milliseconds)[RUNS >> 1];
};
const before = path.join(here, 'before');
const rows = [
  ['report, as it was', measure(before, 'report'), 5 * delay],
  ['report, rewritten', measure(after, 'report'), 2 * delay],
  ['export, as it was', measure(before, 'export'), count * delay],
  ['export, all at once', measure(before, 'unbounded'), delay],
  [`export, rewritten (${concurrency} at once)`, measure(after, 'export'), Math.ceil(count / concurrency) * delay],
];
server.kill();
fs.rmSync(folder, { recursive: true });

console.log(`delay ${delay} ms, ${count} requests in the export, answers of 64 KiB, median of ${RUNS} runs\n`);
console.log(`${'variant'.padEnd(30)}${'ms'.padStart(8)}${'arithmetic'.padStart(12)}${'off'.padStart(8)}`
  + `${'in flight'.padStart(11)}${'MiB (RSS)'.padStart(11)}`);
let failed = false;
for (const [name, run, arithmetic] of rows) {
  const off = run.milliseconds / arithmetic - 1;
  console.log(`${name.padEnd(30)}${run.milliseconds.toFixed(0).padStart(8)}${String(arithmetic).padStart(12)}`
    + `${`${(off * 100).toFixed(1)} %`.padStart(8)}${String(run.peak).padStart(11)}${run.megabytes.toFixed(0).padStart(11)}`);
  if (name.includes('rewritten') && Math.abs(off) > 0.1) failed = true;
}
const same = (a, b) => JSON.stringify(a[1].result) === JSON.stringify(b[1].result);
if (!same(rows[0], rows[1]) || !same(rows[2], rows[4])) {
  console.log('\nthe rewritten code gives another result');
  failed = true;
}
if (failed) process.exitCode = 1;
