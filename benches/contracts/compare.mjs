// Holds the answers of `cargo run --example contracts` (one JSON line a function, on standard input) against labels.
//
//   node compare.mjs PROJECTS [labels-second.json] < answers
//
// Prints each function on which they differ, and how many agree: in the kind, the parameter and how often it is called; and
// in what is handed over as well. What the tool can't tell (`null`, `unknown`) counts as a difference.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(process.argv[2] ?? '.');
const labels = JSON.parse(fs.readFileSync(new URL(process.argv[3] ?? 'labels.json', import.meta.url), 'utf8'));
const place = (file, line, column) => `${file}:${line}:${column}`;
const answers = new Map();
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const answer = JSON.parse(line);
  answers.set(place(path.relative(root, path.resolve(answer.path)), answer.line, answer.column), answer);
}

let contract = 0;
let all = 0;
for (const label of labels) {
  const at = place(path.join(label.project, label.file), label.line, label.column);
  const answer = answers.get(at);
  const hasCallback = ['callback', 'mixed'].includes(label.kind);
  const differs = (fields) => fields.filter((field) => !answer || answer[field] !== label[field]);
  const first = differs(hasCallback ? ['kind', 'callback_index', 'calls'] : ['kind']);
  const second = differs(hasCallback ? ['error_first', 'results'] : []);
  contract += first.length === 0;
  all += first.length + second.length === 0;
  for (const field of [...first, ...second]) {
    console.log(`${at} ${label.name ?? ''}: ${field} is ${label[field]}, the tool says ${answer?.[field]}`);
  }
}
console.log(`${contract} of ${labels.length} agree in kind, parameter and calls; ${all} in all`);
