'use strict';
// Reads the table of known APIs, one JSON document { rows, classes } on standard input, and prints what is wrong with them, one
// sentence a line. Each row is
// { module, name, form, keys, results, void, errorFirst, once, neverSync, returnsValue }.

const fs = require('fs');
const os = require('os');
const path = require('path');
const util = require('util');
const { builtinModules } = require('module');

const faults = [];
const fault = (row, message) => faults.push(`${row.module}.${row.name}: ${message}`);

/** What is there on some systems only, in later versions of Node, or in a child process. */
const NOT_EVERYWHERE = new Set([
  'fs.lchmod', 'crypto.argon2', 'dns.resolveTlsa', 'zlib.zstdCompress', 'zlib.zstdDecompress', 'process.send',
]);

/** The files that are worked on. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'apis-'));
let made = 0;
const at = name => path.join(folder, name);
const file = text => {
  const name = at(`file-${made++}`);
  fs.writeFileSync(name, text ?? 'some text');
  return name;
};
const descriptor = () => fs.openSync(file(), 'r+');
const empty = () => {
  const name = at(`folder-${made++}`);
  fs.mkdirSync(name);
  return name;
};
const pem = require('crypto').generateKeyPairSync('ed25519');

/** Arguments with which a function can be called here, offline and for nearly nothing. Made anew for each call. */
const ARGUMENTS = {
  'fs.access': () => [file()],
  'fs.appendFile': () => [file(), 'more'],
  'fs.chmod': () => [file(), 0o600],
  'fs.chown': () => [file(), process.getuid(), process.getgid()],
  'fs.close': () => [descriptor()],
  'fs.copyFile': () => [file(), at(`copy-${made++}`)],
  'fs.cp': () => [file(), at(`copy-${made++}`)],
  'fs.exists': () => [file()],
  'fs.fchmod': () => [descriptor(), 0o600],
  'fs.fchown': () => [descriptor(), process.getuid(), process.getgid()],
  'fs.fdatasync': () => [descriptor()],
  'fs.fstat': () => [descriptor()],
  'fs.fsync': () => [descriptor()],
  'fs.ftruncate': () => [descriptor(), 1],
  'fs.futimes': () => [descriptor(), 1, 1],
  'fs.lchown': () => [file(), process.getuid(), process.getgid()],
  'fs.link': () => [file(), at(`link-${made++}`)],
  'fs.lstat': () => [file()],
  'fs.lutimes': () => [file(), 1, 1],
  'fs.mkdir': () => [at(`new-${made++}`), { recursive: true }],
  'fs.mkdtemp': () => [at('temporary-')],
  'fs.open': () => [file(), 'r'],
  'fs.opendir': () => [folder],
  'fs.read': () => [descriptor(), Buffer.alloc(4), 0, 4, 0],
  'fs.readFile': () => [file(), 'utf8'],
  'fs.readdir': () => [empty()],
  'fs.readlink': () => {
    const name = at(`link-${made++}`);
    fs.symlinkSync(file(), name);
    return [name];
  },
  'fs.readv': () => [descriptor(), [Buffer.alloc(2)], 0],
  'fs.realpath': () => [file()],
  'fs.realpath.native': () => [file()],
  'fs.rename': () => [file(), at(`renamed-${made++}`)],
  'fs.rm': () => [file()],
  'fs.rmdir': () => [empty()],
  'fs.stat': () => [file()],
  'fs.statfs': () => [folder],
  'fs.symlink': () => [file(), at(`link-${made++}`)],
  'fs.truncate': () => [file(), 1],
  'fs.unlink': () => [file()],
  'fs.utimes': () => [file(), 1, 1],
  'fs.write': () => [descriptor(), Buffer.from('x')],
  'fs.writeFile': () => [file(), 'other'],
  'fs.writev': () => [descriptor(), [Buffer.from('x')]],
  'child_process.exec': () => ['exit 0'],
  'child_process.execFile': () => [process.execPath, ['-e', '0']],
  'crypto.checkPrime': () => [7n],
  'crypto.generateKey': () => ['hmac', { length: 64 }],
  'crypto.generateKeyPair': () => ['ed25519', {}],
  'crypto.generatePrime': () => [16],
  'crypto.hkdf': () => ['sha256', 'key', 'salt', 'info', 8],
  'crypto.pbkdf2': () => ['secret', 'salt', 1, 8, 'sha256'],
  'crypto.pseudoRandomBytes': () => [4],
  'crypto.randomBytes': () => [4],
  'crypto.randomFill': () => [Buffer.alloc(4)],
  'crypto.randomInt': () => [4],
  'crypto.scrypt': () => ['secret', 'salt', 8, { N: 2 }],
  'crypto.sign': () => [null, Buffer.from('x'), pem.privateKey],
  'crypto.verify': () => [null, Buffer.from('x'), pem.publicKey, Buffer.alloc(64)],
  'dns.lookup': () => ['127.0.0.1'],
  'zlib.brotliCompress': () => ['text'],
  'zlib.brotliDecompress': () => [require('zlib').brotliCompressSync('text')],
  'zlib.deflate': () => ['text'],
  'zlib.deflateRaw': () => ['text'],
  'zlib.gunzip': () => [require('zlib').gzipSync('text')],
  'zlib.gzip': () => ['text'],
  'zlib.inflate': () => [require('zlib').deflateSync('text')],
  'zlib.inflateRaw': () => [require('zlib').deflateRawSync('text')],
  'zlib.unzip': () => [require('zlib').gzipSync('text')],
  'stream.finished': () => [require('stream').Readable.from([]).resume()],
  'stream.pipeline': () => [require('stream').Readable.from([]), new (require('stream').PassThrough)().resume()],
};

/** A function of a module, and what it is called on. */
function find(module, name) {
  let owner = null;
  let value = module === 'process' ? process : require(module);
  for (const part of name.split('.')) [owner, value] = [value, value?.[part]];
  return [owner, value];
}

/** Calls a function with a callback and says how it called that. */
function observe(owner, callee, args) {
  return new Promise((resolve, reject) => {
    const calls = [];
    let returned = false;
    const value = callee.call(owner, ...args, (...results) => {
      calls.push({ results, sync: !returned });
      // A second call would come right behind the first.
      setTimeout(() => resolve({ calls, value }), 5);
    });
    returned = true;
    setTimeout(() => reject(new Error('never called back')), 10000).unref();
  });
}

/** The promise form that a row names. */
function promised(row, owner, callee) {
  switch (row.form) {
    case 'promises':
      return require(row.module).promises[row.name];
    case 'promisify':
    case 'object':
      return util.promisify(callee).bind(owner);
    default:
      return null;
  }
}

async function run(row, owner, callee, args) {
  const { calls, value } = await observe(owner, callee, args());
  const [{ results, sync }] = calls;
  if (row.once && calls.length !== 1) fault(row, `called back ${calls.length} times`);
  if (row.neverSync && sync) fault(row, 'called back before it returned');
  if (row.errorFirst && results[0] != null) fault(row, `failed: ${results[0]}`);
  const given = results.length - (row.errorFirst ? 1 : 0);
  if (row.void ? results[1] !== undefined : given > row.results) {
    fault(row, `gave ${given} results, ${row.results} are listed`);
  }
  if (!row.void && given < row.results) fault(row, `gave only ${given} of ${row.results} results`);
  if (row.form === 'none') return;
  const answer = await promised(row, owner, callee)(...args());
  const first = row.errorFirst ? results[1] : results[0];
  if (row.void) {
    if (answer !== undefined) fault(row, 'its promise has a value');
  } else if (row.form === 'object') {
    row.keys.forEach((key, index) => {
      const same = key in answer && typeof answer[key] === typeof results[index + 1];
      if (!same) fault(row, `its promise has no such \`${key}\``);
    });
  } else if (typeof answer !== typeof first || Object(answer).constructor !== Object(first).constructor) {
    fault(row, `its promise has another value: ${util.inspect(answer)} for ${util.inspect(first)}`);
  }
  if (!row.returnsValue && value !== undefined && row.module === 'fs') fault(row, 'returns a value');
}

async function check(row) {
  const id = `${row.module}.${row.name}`;
  const [owner, callee] = find(row.module, row.name);
  if (typeof callee !== 'function') {
    if (!NOT_EVERYWHERE.has(id)) fault(row, 'there is no such function');
    return;
  }
  if (row.form === 'promises' && typeof require(row.module).promises[row.name] !== 'function') {
    fault(row, 'the module has no such promise form');
    return;
  }
  if (row.form === 'promisify' && !row.errorFirst && !callee[util.promisify.custom]) {
    fault(row, 'util.promisify takes it for error-first');
  }
  const symbol = Object.getOwnPropertySymbols(callee).find(s => s.description === 'customPromisifyArgs');
  if (symbol && row.form !== 'object') fault(row, 'util.promisify gives an object');
  if (symbol && row.keys && row.keys.some((key, index) => callee[symbol][index] !== key)) {
    fault(row, `util.promisify gives ${callee[symbol]}`);
  }
  if (symbol && row.results !== callee[symbol].length) fault(row, `there are ${callee[symbol].length} results`);
  const args = ARGUMENTS[id];
  if (args) await run(row, owner, callee, args).catch(error => fault(row, `${error}`));
}

/** What Node has and the table lacks: whatever has a twin whose name ends in Sync, or a promise form in `dns`. */
function missing(rows) {
  const listed = new Set(rows.map(row => `${row.module}.${row.name}`));
  const report = (module, name) => {
    if (!listed.has(`${module}.${name}`)) faults.push(`${module}.${name} is missing`);
  };
  for (const module of ['child_process', 'crypto', 'fs', 'zlib']) {
    const all = require(module);
    const names = Object.keys(all).filter(name => typeof all[`${name}Sync`] === 'function');
    names.filter(name => name !== 'spawn').forEach(name => report(module, name));
  }
  const { promises } = require('dns');
  const settings = /^([gs]etServers|[gs]etDefaultResultOrder)$/;
  Object.keys(promises)
    .filter(name => typeof promises[name] === 'function' && /^[a-z]/.test(name) && !settings.test(name))
    .forEach(name => report('dns', name));
  Object.keys(ARGUMENTS).filter(id => !listed.has(id)).forEach(id => faults.push(`${id} is called here and not listed`));
}

/** An object of each class. */
const INSTANCES = {
  'dgram.Socket': () => require('dgram').createSocket('udp4').unref(),
  'inspector.Session': () => new (require('inspector').Session)(),
  'net.Server': () => require('net').createServer(),
  'readline.Interface': () => require('readline').createInterface({ input: new (require('stream').PassThrough)() }),
  'stream.Writable': () => new (require('stream').Writable)(),
};

function checkClass({ module, name, makers, methods }) {
  const row = { module, name };
  for (const [maker, path] of makers.filter(([maker]) => builtinModules.includes(maker))) {
    if (typeof find(maker, path)[1] !== 'function') fault(row, `nothing makes it by the name ${maker}.${path}`);
  }
  const instance = INSTANCES[`${module}.${name}`];
  if (!instance) return fault(row, 'the test has no such object');
  const object = instance();
  methods.filter(method => typeof object[method] !== 'function').forEach(method => fault(row, `no method ${method}`));
}

async function main() {
  const { rows, classes } = JSON.parse(fs.readFileSync(0, 'utf8'));
  const own = rows.filter(row => row.module === 'process' || builtinModules.includes(row.module));
  missing(own);
  for (const row of own) await check(row);
  const named = classes.filter(one => builtinModules.includes(one.module));
  named.forEach(checkClass);
  fs.rmSync(folder, { recursive: true });
  process.stdout.write(faults.map(line => `${line}\n`).join(''));
  process.stdout.write(`checked ${own.length} and ${named.length}, called ${Object.keys(ARGUMENTS).length}\n`);
}

main();
