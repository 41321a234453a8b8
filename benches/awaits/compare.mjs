// Holds the answers of `unpyramid scan` against the labels of labels.jsonl.
//
//   unpyramid scan --format json SOURCES > answers.json     (exit code 1: there are findings)
//   node compare.mjs SOURCES [--list] < answers.json
//
// SOURCES is the folder that fetch.mjs fills. Prints what the tool says for each label, the precision of `proven` and of
// `presumed`, the recall on `independent`, and the same for ESLint's `no-await-in-loop` where eslint.jsonl is there. Every answer
// that is wrong is named; with --list, every miss as well.
import fs from 'node:fs';
import path from 'node:path';

const LOOP_PATTERNS = ['await-in-loop', 'async-foreach', 'n-plus-one', 'unbounded-fan-out', 'buffered-stream'];
// A finding about `list.map(async …)` may begin at the statement around it.
const LINES_BEFORE_A_CALLBACK = 3;

const root = path.resolve(process.argv[2] ?? '.');
const listed = process.argv.includes('--list');
const lines = (name) => {
  const url = new URL(name, import.meta.url);
  if (!fs.existsSync(url)) return [];
  return fs.readFileSync(url, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
};
const { packages } = JSON.parse(fs.readFileSync(new URL('sources.json', import.meta.url), 'utf8'));
const folders = new Map(packages.map((p) => [p.name, p.folder]));
const labels = lines('labels.jsonl');
const reported = new Map(lines('eslint.jsonl').map((one) => [one.id, one.reported]));

const byFile = new Map();
for (const finding of JSON.parse(fs.readFileSync(0, 'utf8')).findings) {
  const file = path.resolve(finding.path);
  if (!byFile.has(file)) byFile.set(file, []);
  byFile.get(file).push(finding);
}

const first = (finding) => finding.range.start.line;
const last = (finding) => finding.range.end.line;
/** Rewrites after which the rounds wait for one another as they did. */
const IN_ORDER = ['write it as a loop', 'put them in a row'];
const rewritten = (finding) => Boolean(finding.rewrite) && !IN_ORDER.includes(finding.rewrite.title);

/** The lines of the label's run that each wave of a schedule waits for together, where they are two or more. */
function groups(finding, label) {
  const waves = finding.schedule?.after?.waves ?? [];
  return waves
    .map((wave) => wave.map((wait) => wait.line ?? wait.start.line).filter((n) => n >= label.line && n <= label.endLine))
    .filter((wave) => wave.length > 1);
}

function isAbout(finding, label) {
  if (label.kind === 'run') {
    const overlap = first(finding) <= label.endLine && last(finding) >= label.line;
    // A rewrite of other lines of a longer run is not an answer about these.
    return finding.pattern === 'sequential-awaits' && overlap && (!rewritten(finding) || groups(finding, label).length > 0);
  }
  if (!LOOP_PATTERNS.includes(finding.pattern)) return false;
  if (!label.shape.endsWith('-async')) return first(finding) === label.line;
  const around = first(finding) <= label.line && first(finding) >= label.line - LINES_BEFORE_A_CALLBACK;
  const within = first(finding) > label.line && last(finding) === label.endLine;
  return around || within;
}

/** What the tool says of a label: a rewrite comes before a refusal, and a proven one before a presumed one. */
function answer(label) {
  const rank = (f) => (rewritten(f) ? (f.grounds === 'proven' ? 0 : 1) : 2) * 10 + (first(f) === label.line ? 0 : 1);
  const found = byFile.get(path.join(root, folders.get(label.package), label.path)) ?? [];
  const [best] = found.filter((finding) => isAbout(finding, label)).sort((a, b) => rank(a) - rank(b));
  if (!best) return { outcome: 'no finding' };
  if (rewritten(best)) return { outcome: `rewrite, ${best.grounds ?? 'no grounds'}`, grounds: best.grounds, finding: best };
  if (best.rewrite) return { outcome: 'rewrite, in order', finding: best };
  return { outcome: `refused: ${best.refusal?.code ?? 'no reason'}`, finding: best };
}

function isRight(label, { finding }) {
  if (label.label !== 'independent') return false;
  if (label.kind === 'loop') return true;
  return groups(finding, label).every((group) => label.together.some((lines) => group.every((n) => lines.includes(n))));
}

const judged = labels.map((label) => {
  const said = answer(label);
  const positive = Boolean(said.finding && rewritten(said.finding));
  return { label, ...said, positive, right: positive && isRight(label, said) };
});
const clear = judged.filter((one) => one.label.label !== 'unclear');
/** Where something could be won: not started together already, and for a loop, with an await of its own, not of an inner loop. */
const isOpen = ({ label }) => !label.concurrent && !label.nested;
const isToFind = (one) => one.label.label === 'independent' && isOpen(one);
const percent = (part, whole) => `${part} of ${whole}${whole ? ` (${((100 * part) / whole).toFixed(1)} %)` : ''}`;
const count = (list, test) => list.filter(test).length;

const row = ({ label }) => `${label.kind}, ${label.label}${label.concurrent ? ', together already' : ''}`;
const rows = [...new Set(judged.map(row))].sort();
const outcomes = [...new Set(judged.map((one) => one.outcome))].sort();
console.log('What is said for each label\n');
const width = Math.max(...outcomes.map((o) => o.length));
for (const name of rows) {
  const of = judged.filter((one) => row(one) === name);
  console.log(`${name}: ${of.length}`);
  for (const outcome of outcomes) {
    const n = count(of, (one) => one.outcome === outcome);
    if (n) console.log(`  ${outcome.padEnd(width)} ${String(n).padStart(4)}`);
  }
}

console.log('\nPrecision: rewrites that are right, of those on labels other than unclear\n');
for (const grounds of ['proven', 'presumed']) {
  const of = clear.filter((one) => one.positive && one.grounds === grounds);
  console.log(`  ${grounds}: ${percent(count(of, (one) => one.right), of.length)}`);
}
const groundless = count(clear, (one) => one.positive && !one.grounds);
if (groundless) console.log(`  rewrites without grounds, in neither: ${groundless}`);
console.log(`  rewrites on unclear, in neither: ${count(judged, (one) => one.positive && one.label.label === 'unclear')}`);

console.log('\nRecall: rewrites that are right, of what is independent, waits itself and is not started together already\n');
const toFind = clear.filter(isToFind);
const recall = (name, of) => console.log(`  ${name}: ${percent(count(of, (one) => one.right), of.length)}`);
recall('all', toFind);
recall('runs', toFind.filter((one) => one.label.kind === 'run'));
recall('loops', toFind.filter((one) => one.label.kind === 'loop'));
recall('loops of which no round uses what another left', toFind.filter((one) => one.label.kind === 'loop' && !one.label.carried));
for (const part of new Set(labels.map((label) => label.part))) {
  recall(`drawn as ${part}`, toFind.filter((one) => one.label.part === part));
}

if (reported.size) {
  console.log('\nThe same loops: this tool and no-await-in-loop of ESLint, where a report is a positive\n');
  const loops = clear.filter((one) => one.label.kind === 'loop' && isOpen(one));
  const both = { 'this tool': (one) => one.positive, ESLint: (one) => reported.get(one.label.id) };
  for (const [name, positive] of Object.entries(both)) {
    const of = loops.filter(positive);
    const right = count(of, isToFind);
    console.log(`  ${name}: precision ${percent(right, of.length)}, recall ${percent(right, count(loops, isToFind))}`);
  }
}

const place = ({ label }) => `${label.id} ${label.package} ${label.path}:${label.line}`;
const show = (title, list) => {
  console.log(`\n${title}: ${list.length}`);
  for (const one of list) console.log(`  ${place(one)} ${one.label.label}, ${one.outcome}\n    ${one.label.reason}`);
};
show('Wrong', clear.filter((one) => one.positive && !one.right));
show('Right, and to be read by hand: a round uses what another left', clear.filter((one) => one.right && one.label.carried));
if (listed) show('Missed', toFind.filter((one) => !one.right));
