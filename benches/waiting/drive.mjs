// Runs one variant once in a process of its own and prints what it took: node drive.mjs FOLDER VARIANT BASE COUNT
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as unbounded from './unbounded.mjs';

const [folder, variant, base, count] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.resolve(folder, name)));
const { get } = await load('client.mjs');
const { report } = await load('report.mjs');
const { exportUsers } = await load('export.mjs');
const ids = Array.from({ length: Number(count) }, (_, i) => i + 1);
const variants = {
  report: () => report(base, 7),
  export: () => exportUsers(base, ids),
  unbounded: () => unbounded.exportUsers(base, ids, get),
};

// The first request of a process opens a connection and compiles the client; that is not what is measured.
await get(`${base}/users/0`);
await fetch(`${base}/peak`).then((response) => response.text());
let heap = 0;
const watch = setInterval(() => { heap = Math.max(heap, process.memoryUsage().rss); }, 5);
const start = performance.now();
const result = await variants[variant]();
const milliseconds = performance.now() - start;
heap = Math.max(heap, process.memoryUsage().rss);
clearInterval(watch);
const peak = Number(await fetch(`${base}/peak`).then((response) => response.text()));
console.log(JSON.stringify({ milliseconds, peak, megabytes: heap / 2 ** 20, result }));
process.exit(0);
