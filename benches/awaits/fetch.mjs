// Fetches the sources of sources.json, each at exactly its version.
//
//   node fetch.mjs SOURCES [MIRRORS]
//
// Packages come from npm (`npm pack`), repositories by git; MIRRORS, if given, holds bare repositories `OWNER+NAME/repo` to take
// them from instead. What is there already is left alone.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

const [target, mirrors] = process.argv.slice(2);
const { packages } = JSON.parse(fs.readFileSync(new URL('sources.json', import.meta.url), 'utf8'));
const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 30 });

function fromNpm(spec, into) {
  const packed = run(into, 'npm', 'pack', '--silent', spec).toString().trim().split('\n').pop();
  run(into, 'tar', 'xzf', packed, '--strip-components=1');
  fs.rmSync(path.join(into, packed));
}

function fromGit({ repository, commit }, into) {
  const mirror = mirrors && path.join(mirrors, repository.split('/').slice(-2).join('+'), 'repo');
  if (mirror && fs.existsSync(mirror)) {
    const archive = path.join(into, 'archive.tar');
    fs.writeFileSync(archive, run(mirror, 'git', 'archive', commit));
    run(into, 'tar', 'xf', 'archive.tar');
    fs.rmSync(archive);
    return;
  }
  run(into, 'git', 'init', '-q');
  run(into, 'git', 'fetch', '-q', '--depth', '1', repository, commit);
  run(into, 'git', 'checkout', '-q', 'FETCH_HEAD');
  fs.rmSync(path.join(into, '.git'), { recursive: true });
}

for (const { name, folder, get } of packages) {
  const into = path.resolve(target, folder);
  if (fs.existsSync(into)) continue;
  fs.mkdirSync(into, { recursive: true });
  try {
    if (get.npm) fromNpm(get.npm, into);
    else fromGit(get, into);
    console.log(name);
  } catch (error) {
    fs.rmSync(into, { recursive: true });
    throw error;
  }
}
