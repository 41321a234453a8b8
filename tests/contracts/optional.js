const noop = function () {};

// expect: callback 1 once optional
function ifGiven(value, cb) {
  save(value);
  if (cb) cb(null);
}

// expect: callback 1 once optional
function andGiven(value, cb) {
  cb && cb(null, value);
}

// expect: callback 1 once optional
function ofType(value, cb) {
  if (typeof cb === 'function') return cb(null, value);
}

// expect: callback 1 once optional
function optionalCall(value, cb) {
  cb?.(null, value);
}

// expect: callback 1 once optional
function orNoop(value, cb) {
  cb = cb || noop;
  save(value, cb);
}

// expect: callback 1 once optional
function orNoopInPlace(value, cb) {
  save(value, cb || noop);
}

// expect: callback 1 once
function orNoopAssigned(value, cb) {
  cb ||= noop;
  cb(null, value);
}

// expect: callback 1 once optional
function orAnother(value, cb) {
  let done = logsErrors;
  if (cb) done = cb;
  save(value, done);
}

// expect: callback 1 once optional
function orThrows(value, cb) {
  if (!cb) {
    cb = function (err) { if (err) throw err; };
  }
  save(value, cb);
}

// expect: callback 1 once optional
function byDefault(value, cb = noop) {
  save(value, cb);
}

// expect: callback 1 never optional
function onlySometimes(value, cb) {
  if (value && cb) cb(null);
}

// expect: mixed 1 once optional
function dual(value, cb) {
  if (!cb) return Promise.resolve(value);
  process.nextTick(cb, null, value);
}

// expect: mixed 1 once optional error-first
function dualByLibrary(value, cb) {
  return save(value).then(check).nodeify(cb);
}

// expect: mixed 1 once optional
function dualByPromise(value, cb) {
  cb = cb || createPromiseCallback();
  save(value, cb);
  return cb.promise;
}

// expect: mixed 1 twice
function dualTwice(value, cb) {
  if (!cb) return new Promise((resolve) => resolve(value));
  cb(null, value);
  cb(null, value);
}

// expect: callback 2 once shifted
function shifted(path, opts, cb) {
  if (typeof opts === 'function') {
    cb = opts;
    opts = {};
  }
  save(path, opts, cb);
}

// expect: callback 2 once shifted
function shiftedIfMissing(path, opts, cb) {
  if (!cb) {
    cb = opts;
    opts = null;
  }
  save(path, opts, cb);
}

// expect: callback 2 once shifted
function shiftedByCall(path, opts, cb) {
  if (typeof opts === 'function') return shiftedByCall(path, {}, opts);
  save(path, opts, cb);
}

// expect: callback 2 once shifted
function shiftedByCheck(path, opts, cb) {
  if (_.isFunction(opts)) return shiftedByCheck(path, {}, opts);
  save(path, opts, cb);
}

// expect: callback 2 once shifted
function shiftedTernary(path, opts, cb) {
  cb = typeof opts === 'function' ? opts : cb;
  save(path, opts, cb);
}

// expect: callback 1 once shifted
function lastArgument(path, cb) {
  cb = arguments[arguments.length - 1];
  save(path, cb);
}

// expect: callback 1 once
function fromArguments(path) {
  const cb = arguments[arguments.length - 1];
  save(path, cb);
}

// expect: callback 1 once
function fromRest(path, ...args) {
  const cb = args.pop();
  save(path, args, cb);
}

// expect: callback 2 never shifted
function shiftedNever(path, opts, cb) {
  if (typeof opts === 'function') {
    cb = opts;
    opts = {};
  }
  if (opts.dry) return;
  save(path, opts, cb);
}

// expect: callback 1 once error-first
function takesCopied(path) {
  var args = new Array(arguments.length);
  for (var i = 0; i < args.length; i++) args[i] = arguments[i];
  var cb = args.pop();
  store.read(path, cb);
}

// expect: callback 1 once error-first
function takesRest(path, ...rest) {
  const cb = rest.pop();
  store.read(path, cb);
}

// A serializer that is registered is not called.
// expect: callback 1 never
function registersOrRuns(fn, done) {
  if (typeof fn === 'function') {
    return this.list.push(fn);
  }
  this.run(fn, done);
}
