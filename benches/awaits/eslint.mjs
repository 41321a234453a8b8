// Prints for each loop of labels.jsonl whether ESLint's `no-await-in-loop` reports an await in it: {"id":…,"reported":…}.
//
//   npm install eslint@9 @typescript-eslint/parser@8
//   node eslint.mjs SOURCES > eslint.jsonl
//
// SOURCES is the folder that fetch.mjs fills. Comments that switch the rule off are not obeyed. The rule knows nothing of
// `forEach(async …)`, `map(async …)` and `reduce(async …)`: a report inside such a callback is about a loop in it, so that they
// never count as reported. An await in a loop inside the loop counts for both.
import fs from 'node:fs';
import path from 'node:path';
import { Linter } from 'eslint';
import * as typescript from '@typescript-eslint/parser';

const here = (name) => new URL(name, import.meta.url);
const root = process.argv[2];
const { packages } = JSON.parse(fs.readFileSync(here('sources.json'), 'utf8'));
const folders = new Map(packages.map((p) => [p.name, p.folder]));
const loops = fs.readFileSync(here('labels.jsonl'), 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l))
  .filter((l) => l.kind === 'loop');

const linter = new Linter({ configType: 'flat' });
function lint(file, parser, sourceType) {
  const languageOptions = { ecmaVersion: 'latest', sourceType, parserOptions: { ecmaFeatures: { jsx: !/\.[cm]?ts$/.test(file) } } };
  if (parser) languageOptions.parser = parser;
  const config = [{ files: ['**/*.{js,cjs,mjs,jsx,ts,cts,mts,tsx}'], languageOptions, rules: { 'no-await-in-loop': 'error' } }];
  // The linter wants names below its working directory.
  const filename = path.join(process.cwd(), path.basename(file));
  return linter.verify(fs.readFileSync(file, 'utf8'), config, { filename, allowInlineConfig: false });
}

/** The lines on which the rule reports an await; the first way of parsing that works is taken. */
function reports(file) {
  const ways = /tsx?$/.test(file) ? [[typescript, 'module']] : [[null, 'module'], [null, 'commonjs'], [null, 'script'], [typescript, 'module']];
  for (const [parser, sourceType] of ways) {
    const messages = lint(file, parser, sourceType);
    if (!messages.some((m) => m.fatal)) return messages.map((m) => m.line);
  }
  throw new Error(`${file}: can't be parsed`);
}

const byFile = new Map();
for (const loop of loops) {
  const file = path.join(root, folders.get(loop.package), loop.path);
  if (!byFile.has(file)) byFile.set(file, reports(file));
  const inside = byFile.get(file).some((line) => line >= loop.line && line <= loop.endLine);
  console.log(JSON.stringify({ id: loop.id, reported: inside && !loop.shape.endsWith('-async') }));
}
