// Real projects and their own test suites, before and after a rewrite.
//
//   node tests/corpus/run.mjs [--unpyramid FILE] [--clone URL] [--stages LIST] FOLDER [NAME…]
//
// FOLDER is where the projects of `projects.json` are checked out; one that is not there yet is cloned, and what it depends
// on is installed with its scripts off. URL has `{repo}` in place of OWNER/NAME. A project that is there has to be a git
// repository without changes; what a stage changes in its sources is put back.
//
// Stages: `safe` is `apply`, `migrate` is `apply` and then `migrate`; `review` is `apply --unsafe`, `unsafe` is `migrate
// --unsafe` behind that. The suite runs before, and after each. A table is printed at the end, and the command fails if a
// test is lost at `safe` or `migrate`.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { passed } from './reporters.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const STAGES = {
  safe: [['apply']],
  migrate: [['apply'], ['migrate']],
  review: [['apply', '--unsafe']],
  unsafe: [['apply', '--unsafe'], ['migrate', '--unsafe']],
};
const SUITE_LIMIT_SECONDS = 400;

const options = {
  unpyramid: path.join(here, '../../target/release/unpyramid'),
  clone: 'https://github.com/{repo}.git',
  stages: Object.keys(STAGES).join(','),
};
const words = process.argv.slice(2);
while (words[0]?.startsWith('--')) {
  const name = words.shift().slice(2);
  if (!(name in options)) throw new Error(`unknown option --${name}`);
  options[name] = words.shift();
}
const [folder, ...names] = words;
if (!folder) throw new Error('name the folder that the projects are in');
const unpyramid = path.resolve(options.unpyramid);
const projects = JSON.parse(fs.readFileSync(path.join(here, 'projects.json'), 'utf8'));
const unknown = names.filter((name) => !projects.some((p) => p.name === name));
if (unknown.length) throw new Error(`no such project: ${unknown.join(', ')}`);

/** Runs a command of a shell in a folder; throws with what it printed if it fails. */
function shell(command, cwd) {
  const run = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`${command}\n${run.stdout}${run.stderr}`.slice(-2000));
  return run.stdout;
}

function prepare(project, root) {
  const url = options.clone.replace('{repo}', project.repo);
  execFileSync('git', ['clone', '--quiet', '--no-checkout', url, root], { stdio: 'inherit' });
  shell(`git checkout --quiet ${project.commit}`, root);
  for (const file of project.remove ?? []) fs.rmSync(path.join(root, file), { force: true });
  for (const [file, text] of Object.entries(project.extra ?? {})) fs.writeFileSync(path.join(root, file), text);
  const home = path.join(root, project.folder ?? '.');
  const manifestPath = path.join(home, 'package.json');
  const manifest = { ...JSON.parse(fs.readFileSync(manifestPath, 'utf8')), ...project.manifest };
  fs.writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
  shell('rm -f yarn.lock npm-shrinkwrap.json package-lock.json', home);
  shell('npm install --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error', home);
  for (const step of project.then ?? []) shell(step, home);
  // Tests that lie beside the sources are not to be rewritten.
  fs.writeFileSync(path.join(root, '.ignore'), '__tests__/\n*.test.*\n*.spec.*\n*-test.js\n*_test.js\n');
  fs.appendFileSync(path.join(root, '.git/info/exclude'), 'node_modules\n.nyc_output\ncoverage\n');
  shell('git add -A && git -c user.name=corpus -c user.email=corpus@localhost commit -qm prepared', root);
}

/** Whether processes can be kept from the network here. */
const offline = spawnSync('unshare', ['-n', 'true']).status === 0;

function test(project, root) {
  const command = `export PATH="$PWD/node_modules/.bin:$PATH"; ${project.test}`;
  const alone = offline ? ['unshare', '-n', 'bash', '-c', `ip link set lo up; ${command}`] : ['bash', '-c', command];
  const run = spawnSync('timeout', ['-k', '5', String(SUITE_LIMIT_SECONDS), ...alone], {
    cwd: path.join(root, project.folder ?? '.'),
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    env: { ...process.env, CI: '1', NO_UPDATE_NOTIFIER: '1' },
  });
  return passed(project.reporter, `${run.stdout}${run.stderr}`);
}

function tool(args, project, root) {
  const sources = project.sources.map((source) => path.join(root, source));
  const started = performance.now();
  const run = spawnSync(unpyramid, [...args, ...sources], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 29 });
  if (run.status === 2) throw new Error(`${args.join(' ')}: ${run.stderr}`);
  return { out: run.stdout, seconds: (performance.now() - started) / 1000 };
}

function stage(name, project, root) {
  const row = { stage: name, seconds: 0 };
  try {
    for (const args of STAGES[name]) row.seconds += tool([...args, '--allow-dirty'], project, root).seconds;
    row.lines = shell('git diff --numstat', root).split('\n').filter(Boolean)
      .reduce((sum, line) => sum + line.split('\t').slice(0, 2).reduce((a, b) => a + (Number(b) || 0), 0), 0);
    row.after = test(project, root);
  } finally {
    const made = shell('git ls-files --others --exclude-standard', root).split('\n').filter(Boolean);
    const isOurs = (file) => /(map-limit|mapLimit|map_limit|map-with-limit)\.[cm]?[jt]s$/.test(file);
    made.filter(isOurs).forEach((file) => fs.rmSync(path.join(root, file)));
    shell('git checkout -q .', root);
  }
  return row;
}

/** What the tool says about the sources as they are: how many findings of each level, and the reasons. */
function scan(project, root) {
  const { summary } = JSON.parse(tool(['scan', '--format', 'json'], project, root).out);
  const refused = Object.entries(summary.refusals).sort((a, b) => b[1] - a[1]).map(([code, n]) => `${code} ${n}`);
  return { ...summary.by_level, refused };
}

const rows = [];
let lost = false;
for (const project of projects.filter((p) => !names.length || names.includes(p.name))) {
  const root = path.resolve(folder, project.name);
  if (!fs.existsSync(root)) prepare(project, root);
  if (shell('git status --porcelain --untracked-files=no', root)) throw new Error(`${root} has changes`);
  const found = scan(project, root);
  const before = test(project, root);
  for (const name of options.stages.split(',')) {
    const row = { project, before, found, ...stage(name, project, root) };
    rows.push(row);
    console.error(`${project.name} ${name}: ${before} -> ${row.after} tests, ${row.lines} lines`);
    lost ||= name !== 'review' && row.after < before;
  }
}

console.log('| project | stage | safe / review / refused | tests before -> after | lines of diff | seconds |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const { project, stage: name, found, before, after, lines, seconds } of rows) {
  const tests = after < before ? `**${before} -> ${after}**` : `${before} -> ${after}`;
  console.log(`| ${project.name} | ${name} | ${found.safe} / ${found.review} / ${found.manual} | ${tests} | ${lines} | `
    + `${seconds.toFixed(1)} |`);
}
console.log('\nrefused, by reason');
for (const project of new Set(rows.map((row) => row.project))) {
  console.log(`- ${project.name}: ${rows.find((row) => row.project === project).found.refused.join(', ')}`);
}
if (lost) process.exitCode = 1;
