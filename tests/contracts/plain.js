// expect: plain
function add(a, b) { return a + b; }

// expect: plain
function filter(list, predicate) {
  return list.filter(predicate);
}

// expect: plain
function matches(item, test) {
  if (test(item)) return item;
  return null;
}

// expect: plain
function listen(emitter, handler) {
  emitter.on('change', handler);
}

// expect: plain
function time(name, fn) {
  const start = Date.now();
  const result = fn();
  log(name, Date.now() - start);
  return result;
}

// expect: plain
function makeHandler(cb) {
  return function (err, value) { cb(err, value); };
}

// expect: plain
function makeArrow(cb) {
  return (err, value) => cb(err, value);
}

// expect: plain
function startWork(work, name) {
  work(name, function (err) { if (err) log(err); });
}

// expect: plain
function unused(path, options) {
  return path;
}

// expect: plain
function setHandlers(handlers) {
  this.handlers = handlers;
}

// expect: plain
const settle = new Promise(function (resolve, reject) { save(1, (err) => err ? reject(err) : resolve()); });

// expect: plain
function replaceAll(text, replacer) {
  return text.replace(/a/g, replacer);
}

// expect: plain
function compare(list, by) {
  return list.sort(function (a, b) { return by(a) - by(b); });
}

// expect: plain
function pipeTo(source, target) {
  source.pipe(target);
}

// expect: plain
function onResult(err, value) {
  if (err) throw err;
  log(value);
}

// What is taken from a list that is handed over is nobody's callback.
// expect: plain
function parseList(args) {
  var cb;
  if (typeof args[args.length - 1] === 'function') cb = args.pop();
  return { rest: args, cb: cb };
}

// Of two callbacks the last is the one that the result goes to.
// expect: callback 1 once
function callsEach(cb, done) {
  try {
    cb(null, 1);
  } finally {
    done();
  }
}

// expect: plain
Loader.prototype.define = function (name, fn) {
  this.methods[name] = fn;
  return this.add(name, function () {
    return fn.apply(this, arguments);
  });
};

// expect: plain
const settled = new Promise(function (done) { save(1, (err) => done(err)); });

// expect: plain
function total(list, then) {
  return 1 + then(null, list);
}

// expect: plain
function visitAll(list, cb) {
  for (const item of list) cb(item);
}

// What a promise is settled by is no callback.
// expect: plain
function settles(resolve, reject) {
  fs.stat('.', (err, stat) => err ? reject(err) : resolve(stat));
}
