const fs = require('fs');
const util = require('util');

// expect: callback 1 once error-first results=1 sync=never presumed=0
function read(path, cb) {
  fs.readFile(path, 'utf8', cb);
}

// expect: callback 1 once error-first results=0
function write(path, cb) {
  fs.writeFile(path, '', cb);
}

// expect: callback 1 once error-first results=1 presumed=0 sync=never
function readByName(path, cb) {
  read(path, cb);
}

// expect: callback 1 once error-first results=unknown presumed=1 sync=unknown
function readElsewhere(path, cb) {
  store.read(path, cb);
}

// expect: callback 1 once error-first results=1 sync=never
function adapted(path, cb) {
  util.callbackify(adaptedAsync)(path, cb);
}

// expect: async
async function adaptedAsync(path) {
  return fs.promises.readFile(path);
}

// expect: callback 1 once error-first
function bound(path, cb) {
  setImmediate(cb.bind(null, null, path));
}

// expect: callback 1 once error-first results=1
function called(path, cb) {
  cb.call(this, null, path);
}

// expect: callback 1 once results=unknown
function applied(path, cb) {
  fs.stat(path, function () { cb.apply(null, arguments); });
}

// expect: callback 1 once error-first results=2
function appliedList(path, cb) {
  cb.apply(null, [null, path, 1]);
}

// expect: callback 1 once results=unknown
function spread(path, cb) {
  fs.stat(path, (...all) => cb(...all));
}

// expect: callback 2 once error-first
function callsMethod(store, key, cb) {
  store.get.call(store, key, cb);
}

// expect: callback 2 once
function appliesMethod(store, key, cb) {
  store.get.apply(store, [key, cb]);
}

// expect: callback 0 once
function passesAll(cb) {
  this.store.get.apply(this.store, arguments);
}

// expect: callback 1 once
function boundThis(path, cb) {
  fs.stat(path, function (err, stat) {
    this.last = stat;
    cb(err, stat);
  }.bind(this));
}

// expect: callback 1 once
function hoisted(path, cb) {
  fs.stat(path, onStat);
  function onStat(err, stat) {
    if (err) return cb(err);
    cb(null, stat);
  }
}

// expect: callback 1 twice
function both(path, cb) {
  fs.stat(path, cb);
  fs.lstat(path, cb);
}

// expect: callback 1 unknown blames=this.queue.push(cb)
function queued(path, cb) {
  this.queue.push(cb);
}

// expect: callback 1 unknown
function kept(path, cb) {
  this._cb = cb;
}

// expect: callback 1 unknown
function keptInObject(path, cb) {
  this.jobs.push({ path: path, done: cb });
}

// expect: callback 1 unknown
function listened(stream, cb) {
  stream.on('error', cb);
  stream.on('end', function () { cb(null); });
}

// expect: callback 1 unknown
function listenedOnce(stream, cb) {
  stream.once('close', function () { cb(null); });
}

// expect: callback 1 unknown results=unknown
function constructed(path, callback) {
  new Writer(path, callback);
  callback(null);
}

// expect: callback 0 unknown
function notLast(cb) {
  store.each(function (err) { cb(err); }, 100);
}

// expect: callback 1 unknown
function interval(path, cb) {
  setInterval(function () { cb(null); }, 100);
}

// expect: callback 2 never
function middleware(req, res, next) {
  if (!req.user) return next(new Error('no user'));
  res.end();
}

// expect: callback 2 once
function middlewareAlways(req, res, next) {
  res.locals.a = 1;
  next();
}

// expect: callback 1 once value-first results=1
function exists(path, cb) {
  fs.stat(path, (err) => cb(!err));
}

// expect: callback 1 once value-first
function byAnyName(path, then) {
  fs.readFile(path, (err, text) => { then(text); });
}

// expect: callback 0 once error-first results=0
function onlyTells(done) {
  setTimeout(function () { done(); }, 10);
}

// expect: callback 1 unknown blames=parser.parse
function perItem(text, cb) {
  parser.parse(text, function (token) { cb(null, token); });
}

// expect: callback 1 once value-first presumed=0
function isThere(path, cb) {
  fs.exists(path, function (there) { cb(there); });
}

// expect: callback 2 unknown
function silentOrNot(path, silent, cb) {
  cb = silent ? function () {} : cb;
  store.read(path, cb);
}

// expect: callback 2 unknown
function silentInPlace(path, silent, cb) {
  store.read(path, silent ? null : cb);
}

// expect: callback 1 once
function secondError(path, cb) {
  fs.stat(path, (er) => {
    if (!er) return cb(null);
    store.find(path, (er2, found) => cb(er2, found));
  });
}

// expect: callback 1 never
function perhaps(store, cb) {
  store?.read(cb);
}

// expect: callback 1 once
function orElse(value, cb) {
  cb ||= () => {};
  save(value, cb);
}

// expect: callback 1 unknown blames=setTimeout
function timesOut(path, cb) {
  const timer = setTimeout(() => cb(new Error('late')), 1000);
  store.read(path, (err) => {
    clearTimeout(timer);
    cb(err);
  });
}

// expect: callback 1 once sync=unknown
async function waits(path, cb) {
  const text = await store.read(path);
  cb(null, text);
}

// Whoever answers a request need not call `next`.
// expect: callback 2 unknown presumed=1
function answered(req, res, next) {
  if (!req.user) return next(new Error('no user'));
  server.respond(req, res, next);
}

// expect: callback 0 once value-first results=1
function handsWork(done) {
  done.call(this, function () { log('saved'); });
}

// expect: callback 1 once presumed=1
function asTask(queue, callback) {
  queue.go(function (done) {
    fs.stat(queue.path, function (err, stat) {
      done();
      callback(err, stat);
    });
  });
}

// expect: callback 1 unknown blames=async.forever
function asTaskForEver(queue, callback) {
  async.forever(function (next) {
    callback(null);
    next();
  });
}

// expect: callback 3 unknown presumed=1
function answeredAfterError(err, req, res, next) {
  if (!req.user) return next(err);
  server.respond({ request: req, response: res }, next);
}

// Who has nothing to answer with calls back.
// expect: callback 2 once presumed=1
function looksUp(req, res, next) {
  store.find(req.user, (err, user) => {
    if (err) return next(err);
    res.locals.user = user;
    next();
  });
}

function around(hook, work, data, callback) {
  const before = hook.before;
  if (before) {
    before.call(hook, function () {
      if (arguments.length) return callback && callback.apply(null, arguments);
      work.call(hook, log);
    }, data);
  } else {
    work.call(hook, log);
  }
}

// Either the work is done, or the error is handed over.
// expect: callback 1 once
function worksOrFails(hook, cb) {
  around(hook, function (done) {
    done();
    store.save(hook, cb);
  }, {}, cb);
}

function twoOfThem(work, callback) {
  work();
  callback(null);
}

// expect: callback 1 twice
function worksAndCalls(hook, cb) {
  twoOfThem(function () { cb(null); }, cb);
}

// expect: callback 1 unknown blames=store.around
function worksElsewhere(hook, cb) {
  store.around(hook, function (done) {
    store.save(hook, cb);
  }, {}, cb);
}

// expect: callback 1 once error-first results=0
function errorOfList(path, cb) {
  process.nextTick(cb, new errors.NotFound(path));
}

// expect: callback 1 once value-first results=1
function valueMade(path, cb) {
  process.nextTick(cb, new files.Reader(path));
}

// The work is not done where there is an error.
// expect: callback 1 never value-first
function worksPerhaps(hook, done) {
  around(hook, function () {
    done(hook.value);
  }, {}, log);
}

// expect: callback 1 once error-first presumed=1 results=unknown
function applied(keys, cb) {
  const args = keys.slice();
  if (args.length === 0) return cb(null);
  args.push(this.options);
  args.push(cb);
  store.get.apply(store, args);
}

// expect: callback 1 never
function appliedPerhaps(keys, cb) {
  const args = keys.slice();
  if (keys.isLast) args.push((err, all) => { cb(err, all); });
  store.get.apply(store, args);
}

// expect: callback 1 unknown blames=args.push(this.options)
function appliedNotLast(keys, cb) {
  const args = keys.slice();
  args.push(cb);
  args.push(this.options);
  store.get.apply(store, args);
}

// expect: callback 1 unknown blames=args
function appliedAndKept(keys, cb) {
  const args = keys.slice();
  args.push(cb);
  this.later(args);
  store.get.apply(store, args);
}

// expect: callback 1 twice
function appliedTwice(keys, cb) {
  const args = keys.slice();
  args.push(cb);
  store.get.apply(store, args);
  store.set.apply(store, args);
}

// expect: callback 1 unknown blames=keys.push(cb)
function appliedOfOthers(keys, cb) {
  keys.push(cb);
  store.get.apply(store, keys);
}

// expect: callback 1 once
function appliedWithLength(keys, cb) {
  const args = [keys];
  args.push(cb);
  log(args.length);
  store.get.apply(store, args);
}

// expect: callback 1 unknown blames=args.push
function appliedAfterOneOfTwo(keys, cb) {
  const args = [keys];
  if (keys.isLast) args.push((err) => cb(err));
  else args.push(cb);
  store.get.apply(store, args);
}

const shared = [];

// expect: callback 1 unknown blames=shared.push(cb)
function appliedOfAll(keys, cb) {
  shared.push(cb);
  store.get.apply(store, shared);
}

// expect: callback 1 unknown blames=args.push(cb)
function pushedOnly(keys, cb) {
  const args = [keys];
  args.push(cb);
}

// expect: callback 1 unknown blames=args.push(cb)
function appliedAsObject(keys, cb) {
  const args = [keys];
  args.push(cb);
  store.get.apply(args);
}

// expect: callback 1 unknown blames=store.run
function twoFunctions(store, cb) {
  store.run(function () { cb(null); }, function () { log(store); }, 1);
}

// expect: callback 1 once
function logsAll(key, cb) {
  console.log.apply(console, arguments);
  cb(null);
}

// expect: callback 1 once
function asksForResult(key, cb) {
  return !cb(null, key);
}

// expect: callback 1 once
function replacedBehind(source, cb) {
  const original = cb;
  source.open(cb);
  cb = function (err) {
    original(err);
    original(null);
  };
}

// expect: callback 1 unknown
function oneOfTwoFunctions(key, cb) {
  let finish;
  if (key) finish = () => cb(null);
  else finish = () => { cb(null); cb(null); };
  finish();
}

// expect: callback 1 unknown
function functionReplaced(key, cb) {
  function finish() { cb(null); }
  if (key) finish = log;
  finish();
}

// expect: callback 0 unknown
function functionByDefault(cb, show = () => cb(null)) {
  show();
}

// expect: callback 1 unknown sync=unknown results=unknown
function keptAndCalled(path, cb) {
  this._cb = cb;
  cb(null, 1);
}

// expect: callback 1 once presumed=1
function walkAll(list, then) {
  if (list.length === 0) return then(null, list);
  walkAll(list.slice(1), function (err, rest) { then(err, rest); });
}

// expect: callback 0 once error-unknown
function afterwards(fn) {
  fs.stat('x', () => { fn(); });
}

// expect: callback 1 once
function goesOverOthers(store, cb) {
  store.scan(function (item) { log(item); }, 100, cb);
}

// expect: callback 1 once
function usesRequest(path, cb) {
  const request = store.read(path, cb);
  request.start();
}

// expect: callback 1 unknown
function keptBound(path, cb) {
  this.done = cb.bind(null, null);
}

// expect: callback 1 once presumed=1
function listensToRequest(path, cb) {
  store.read(path, cb).on('progress', log);
}

// expect: callback 1 once sync=unknown
function byAsyncFunction(path, cb) {
  async function finish() { cb(null); }
  finish();
}

// expect: callback 1 unknown blames=queue.go
function asTaskOfTwo(queue, callback) {
  queue.go(function (done, size) {
    callback(null, size);
    done();
  });
}

// There is at least the callback.
// expect: callback 0 once
function asksForArguments(cb) {
  if (arguments.length === 0) return;
  cb(null);
}

// expect: callback 0 once
function asksForClass(cb) {
  if (cb instanceof Function) cb(null);
}

// Somebody may call it later, or nobody.
// expect: callback 1 unknown
function keptBoundOrNot(store, cb) {
  if (store.isReady) return cb(null, store);
  store.whenReady = (cb || log).bind(store);
}

// expect: callback 1 once error-first results=1
function wrappedAndHanded(path, cb) {
  cb = dezalgo(cb);
  fs.stat(path, cb);
}

// expect: callback 1 once results=1
function asksForFunction(path, cb) {
  if (!isFunction(cb)) return;
  fs.stat(path, cb);
}

// What the function hands it to is its own, and calls it as well.
// expect: callback 1 unknown blames=isMissing(cb)
function asksItsOwn(key, cb) {
  if (isMissing(cb)) return;
  cb(null, key);
  function isMissing(done) {
    if (key) return false;
    cb(null);
    setImmediate(done);
    return true;
  }
}

// The grammar takes the block with a label in it for an object.
// expect: callback 1 unknown
function labelsItsCall(path, cb) {
  fs.stat(path, () => { answer: cb(null, path) });
}

// expect: callback 1 once value-first
function tellsQuietly(path, then) {
  fs.readFile(path, (err, text) => { void then(text); });
}
