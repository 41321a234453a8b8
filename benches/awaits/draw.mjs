// Lists every run of awaits and every loop with an await in the sources, and draws a set with a fixed seed.
//
//   npm install typescript@5.6
//   node draw.mjs sources.json SOURCES drawn.jsonl
//
// SOURCES is the folder that fetch.mjs fills. Prints how many there are in each package and how many were drawn. The order of the
// packages in sources.json is part of the draw.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const SEED = 20261121;
const [sourcesFile, srcDir, outFile] = process.argv.slice(2);
const sources = JSON.parse(fs.readFileSync(sourcesFile, 'utf8')).packages;
const CODE = /\.(js|mjs|cjs|ts|mts|cts|tsx|jsx)$/;
const SKIP_DIR = /(^|\/)(node_modules|dist|build|built|\.git|coverage|third_party|third-party|vendor|docs|website)(\/|$)/;
const TEST = /(^|\/)(tests?|__tests__|__fixtures__|spec|specs|fixtures)(\/|$)|\.(test|spec)\.[a-z]+$/;

function* files(dir) {
  for (const e of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) { if (!SKIP_DIR.test(p)) yield* files(p); }
    else if (e.isFile() && CODE.test(e.name) && !/\.d\.[cm]?ts$/.test(e.name)) yield p;
  }
}

function generated(text) {
  const lines = text.split('\n');
  return text.length > 400_000 || lines.some((l) => l.length > 2000) || /@generated|DO NOT EDIT/i.test(text.slice(0, 500));
}

const isFn = (n) => ts.isFunctionLike(n);
const unparen = (e) => {
  while (ts.isParenthesizedExpression(e) || ts.isAsExpression(e) || ts.isNonNullExpression(e)) e = e.expression;
  return e;
};

/** The awaited calls at the top of a statement: `await f()`, `(await f()).z`, `await f().x()`; or none. */
function topAwait(expr) {
  let e = unparen(expr);
  for (;;) {
    if (ts.isAwaitExpression(e)) return unparen(e.expression).kind === ts.SyntaxKind.CallExpression ? [e] : [];
    if (ts.isPropertyAccessExpression(e) || ts.isElementAccessExpression(e)) e = unparen(e.expression);
    else return [];
  }
}

function statementAwaits(s) {
  if (ts.isVariableStatement(s)) return s.declarationList.declarations.flatMap((d) => (d.initializer ? topAwait(d.initializer) : []));
  if (ts.isReturnStatement(s)) return s.expression ? topAwait(s.expression) : [];
  if (ts.isExpressionStatement(s)) {
    const e = s.expression;
    if (ts.isBinaryExpression(e) && e.operatorToken.kind === ts.SyntaxKind.EqualsToken) return topAwait(e.right);
    return topAwait(e);
  }
  return [];
}

/** The last name of the callee of an awaited call: `getUser` of `await db.getUser(1)`; `import` of `await import(x)`. */
function calleeName(call) {
  const callee = unparen(call.expression);
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return 'import';
  if (ts.isIdentifier(callee)) return callee.text;
  return ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
}

/** The names of the callees awaited in a loop's body itself, not in functions inside it. */
function loopCallees(body) {
  const names = [];
  const walk = (n) => {
    if (ts.isAwaitExpression(n)) {
      const e = unparen(n.expression);
      names.push(ts.isCallExpression(e) ? calleeName(e) : '');
    }
    if (!isFn(n)) ts.forEachChild(n, walk);
  };
  ts.forEachChild(body, walk);
  return names;
}

const READS = /^(get|find|load|read|fetch|list|query|count|exists?|is[A-Z]|has[A-Z]|resolve|l?stat$|check|import$|request$|lookup|select|search|compute|parse|collect|glob|access$|grab|toJSON|toPublicJSON|oid$|type$|content$|stdout$|buffer$|json$|text$)/;
/** Whether it looks like reading: two or more awaits of a run, or all of a loop, call something with a verb of reading. */
const readish = (c) => (c.kind === 'run' ? c.callees.filter((n) => READS.test(n)).length > 1 : c.callees.length > 0 && c.callees.every((n) => READS.test(n)));

const plain = (s) => ts.isVariableStatement(s) || ts.isExpressionStatement(s);

function hasOwnAwait(node) {
  let found = false;
  const walk = (n) => {
    if (found) return;
    if (ts.isAwaitExpression(n)) { found = true; return; }
    if (isFn(n)) return;
    ts.forEachChild(n, walk);
  };
  ts.forEachChild(node, walk);
  return found;
}

function scan(file, rel, pkg, out) {
  const text = fs.readFileSync(file, 'utf8');
  if (!text.includes('await') && !/async/.test(text)) return;
  if (generated(text)) return;
  const sf = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true,
    /\.tsx$/.test(file) ? ts.ScriptKind.TSX : /ts$/.test(file) ? ts.ScriptKind.TS : ts.ScriptKind.JSX);
  if (sf.parseDiagnostics.length) return;
  const line = (pos) => sf.getLineAndCharacterOfPosition(pos).line + 1;
  const test = TEST.test(rel);
  const add = (kind, shape, from, to, awaits, callees) => out.push({
    package: pkg, path: rel, line: line(from.getStart(sf)), endLine: line(to.end), kind, shape, awaits, callees, test });

  function runs(statements) {
    let run = [], gap = 0;
    const flush = () => {
      if (run.length > 1 || (run.length === 1 && run[0].aw.length > 1)) {
        add('run', 'run', run[0].s, run.at(-1).s, run.flatMap((r) => r.aw.map((a) => line(a.getStart(sf)))),
          run.flatMap((r) => r.aw.map((a) => calleeName(unparen(a.expression)))));
      }
      run = []; gap = 0;
    };
    for (const s of statements) {
      const aw = statementAwaits(s);
      if (aw.length) { run.push({ s, aw }); gap = 0; if (ts.isReturnStatement(s)) flush(); }
      else if (plain(s)) { if (++gap > 2) flush(); }
      else flush();
    }
    flush();
  }
  const walk = (n) => {
    if (ts.isBlock(n) || ts.isSourceFile(n) || ts.isCaseClause(n) || ts.isDefaultClause(n)) runs(n.statements);
    const loop = { [ts.SyntaxKind.ForStatement]: 'for', [ts.SyntaxKind.ForOfStatement]: 'for-of', [ts.SyntaxKind.ForInStatement]: 'for-in',
      [ts.SyntaxKind.WhileStatement]: 'while', [ts.SyntaxKind.DoStatement]: 'do-while' }[n.kind];
    if (loop && hasOwnAwait(n.statement)) add('loop', n.awaitModifier ? 'for-await' : loop, n, n, [], loopCallees(n.statement));
    if (ts.isCallExpression(n) && ts.isPropertyAccessExpression(n.expression) && ['forEach', 'map', 'reduce'].includes(n.expression.name.text)) {
      const cb = n.arguments[0];
      if (cb && (ts.isArrowFunction(cb) || ts.isFunctionExpression(cb)) && cb.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)) {
        add('loop', `${n.expression.name.text}-async`, n, n, [], loopCallees(cb.body));
      }
    }
    ts.forEachChild(n, walk);
  };
  walk(sf);
}

function rng(seed) { // mulberry32
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
function shuffle(list, random) {
  const a = [...list];
  for (let i = a.length - 1; i > 0; i--) { const j = Math.floor(random() * (i + 1)); [a[i], a[j]] = [a[j], a[i]]; }
  return a;
}

const all = [];
for (const p of sources) {
  const root = path.join(srcDir, p.folder);
  const roots = p.source.map((s) => path.join(root, s));
  for (const r of roots) {
    const list = fs.statSync(r).isDirectory() ? files(r) : [r];
    for (const f of list) scan(f, path.relative(root, f), p.name, all);
  }
}

const random = rng(SEED);
const drawn = [];
const quota = { run: 172, loop: 132 };
/** Packages take turns, so that one big package does not fill the set; within a package the order is random. */
function take(kind, pool, count, cap, part) {
  const byPkg = new Map();
  for (const c of shuffle(pool.filter((c) => c.kind === kind), random)) {
    if (!byPkg.has(c.package)) byPkg.set(c.package, []);
    byPkg.get(c.package).push(c);
  }
  const names = shuffle([...byPkg.keys()].sort(), random);
  let left = count;
  for (let round = 0; left > 0 && round < cap; round++) {
    for (const n of names) {
      const c = byPkg.get(n)[round];
      if (c && left > 0) { drawn.push({ ...c, part }); left--; }
    }
  }
}
const source = all.filter((c) => !c.test), tests = all.filter((c) => c.test);
take('run', source, quota.run - 6, 16, 'random');
take('loop', source, quota.loop - 4, 14, 'random');
take('run', tests, 6, 2, 'test');
take('loop', tests, 4, 2, 'test');
// A second part, of what looks like reading, so that there are enough to be found for a figure of recall to mean something.
const key = (c) => [c.package, c.path, c.line, c.endLine, c.shape].join('\n');
const taken = new Set(drawn.map(key));
const full = (c) => drawn.filter((d) => d.package === c.package).length;
const rest = source.filter((c) => !taken.has(key(c)) && readish(c) && !c.shape.endsWith('-async') && c.shape !== 'for-await');
const room = (c) => full(c) < 22;
const open = rest.filter(room);
take('run', open, 52, 5, 'reads');
take('loop', open, 34, 3, 'reads');
drawn.sort((a, b) => (a.package < b.package ? -1 : a.package > b.package ? 1 : a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
drawn.forEach((c, i) => { c.id = i + 1; });
fs.writeFileSync(outFile, drawn.map((c) => JSON.stringify(c)).join('\n') + '\n');
const table = {};
for (const c of all) { const t = (table[c.package] ??= { run: 0, loop: 0, tests: 0, drawnRun: 0, drawnLoop: 0 }); if (c.test) t.tests++; else t[c.kind]++; }
for (const c of drawn) table[c.package][c.kind === 'run' ? 'drawnRun' : 'drawnLoop']++;
console.table(table);
const shapes = {};
for (const c of drawn) shapes[c.shape] = (shapes[c.shape] ?? 0) + 1;
console.log(shapes, drawn.length);
