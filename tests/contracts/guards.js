// expect: callback 1 once
function once(source, cb) {
  let called = false;
  function done(err, value) {
    if (called) return;
    called = true;
    cb(err, value);
  }
  source.read(done);
  source.timeout(100, done);
}

// expect: callback 1 once
function onceNegated(source, cb) {
  var finished;
  function done(err) {
    if (!finished) {
      finished = true;
      cb(err);
    }
  }
  source.read(done);
  source.close(done);
}

// Where it is called it has been set: the two are one expression.
// expect: callback 1 once
function setsAndCalls(source, cb) {
  let called = false;
  source.isReady && (called = true, cb(null, source));
  if (!called) cb(null);
}

// What has been taken away is not called later.
// expect: callback 1 once sync=always
function answersOnce(item, cb) {
  cb(null, item);
  cb = noop;
  setImmediate(function () { cb(null, item); });
}

// expect: callback 1 twice
function guardSetLate(source, cb) {
  let called = false;
  function done(err) {
    if (called) return;
    setTimeout(function () { called = true; cb(err); }, 1);
  }
  source.read(done);
  source.close(done);
}

// expect: callback 1 twice
function noGuard(source, cb) {
  function done(err) { cb(err); }
  source.read(done);
  source.close(done);
}

// expect: callback 1 once
function taken(source, cb) {
  function done(err) {
    if (!cb) return;
    cb(err);
    cb = null;
  }
  source.read(done);
  source.close(done);
}

// expect: callback 1 once
function wrapped(source, cb) {
  cb = dezalgo(cb);
  source.read(cb);
}

// expect: callback 1 once
function cleansUp(source, cb) {
  const finish = function (err) {
    source.release();
    cb(err);
  };
  source.read(finish);
}

// expect: callback 1 once
function replaced(source, cb) {
  const original = cb;
  cb = function (err) {
    source.release();
    original(err);
  };
  source.read(cb);
}

// expect: callback 1 twice
function replacedAndBoth(source, cb) {
  const original = cb;
  cb = function (err) {
    original(err);
    original(null);
  };
  source.read(cb);
}

// expect: callback 1 once
function asksFirst(key, cb) {
  if (isMissing(key, cb)) return;
  cb(null, key);
}

// expect: callback 1 never
function isMissing(key, cb) {
  if (key) return false;
  process.nextTick(function () { cb(new Error('no key')); });
  return true;
}

// expect: callback 1 twice
function asksWrongly(key, cb) {
  if (isMissing(key, cb)) log(key);
  cb(null, key);
}

// expect: callback 1 unknown blames=store.check(key,cb)
function asksSomebody(key, cb) {
  if (store.check(key, cb)) return;
  cb(null, key);
}

// expect: callback 0 once
function startsWhenReady(cb) {
  const waiting = whenReady(this, arguments);
  if (waiting) return waiting;
  this.load(cb);
}

// expect: callback 1 unknown
function allArguments(key, cb) {
  trace(key, arguments);
  cb(null);
}

// expect: callback 1 once optional
function getsOrSets(value, cb) {
  let newValue;
  if (value instanceof Model && cb === undefined) {
    newValue = value;
  }
  if (newValue) {
    this.value = newValue;
  } else if (typeof cb === 'function') {
    store.read(cb);
  }
}

// expect: callback 1 never
function perhapsKept(value, cb) {
  let kept = null;
  if (value.isKept) kept = value;
  if (kept) return;
  cb(null, value);
}

// expect: callback 1 never
function setOnCondition(value, cb) {
  let called = false;
  value.ready && (called = true);
  if (called) cb(null, value);
}

// Whichever of the two callbacks is run first.
// expect: callback 1 never
function raisedByOther(source, cb) {
  let isOpen = false;
  source.open((err) => {
    if (err) return cb(err);
    isOpen = true;
  });
  source.read((err, text) => {
    if (isOpen) cb(err, text);
  });
}

// expect: callback 0 never
function isOpen(cb) {
  if (!this.connection) {
    process.nextTick(() => cb(new Error('closed')));
  }
  return !!this.connection;
}

// Somebody may have closed it meanwhile.
// expect: callback 0 never
function isStillOpen(cb) {
  if (!this.connection) {
    process.nextTick(() => cb(new Error('closed')));
  }
  this.refresh();
  return !!this.connection;
}

// expect: callback 0 once
function closes(cb) {
  if (isOpen(cb)) {
    this.connection.close(cb);
  }
}

// expect: callback 0 unknown blames=isStillOpen
function closesPerhaps(cb) {
  if (isStillOpen(cb)) {
    this.connection.close(cb);
  }
}

// expect: callback 1 never
function needed(store, cb) {
  if (!store) {
    setImmediate(cb, new Error('no store'));
  }
  return store;
}

// Where there is no store, it throws.
// expect: callback 1 once
function savesInto(store, cb) {
  needed(store, cb).save(cb);
}

// expect: callback 1 twice
function asksForProperty(options, cb) {
  if (options.quick) cb(null);
  options.change();
  if (!options.quick) cb(null);
}

// expect: callback 1 once
function asksForPropertyTwice(options, cb) {
  if (options.quick) setImmediate(cb);
  if (!options.quick) cb(null);
}

// expect: callback 0 never
function isOpenAfterClosing(cb) {
  if (!this.connection) {
    process.nextTick(() => cb(new Error('closed')));
  }
  this.connection = null;
  return !!this.connection;
}

// expect: callback 0 unknown blames=isOpenAfterClosing
function closesAfterClosing(cb) {
  if (isOpenAfterClosing(cb)) this.connection.close(cb);
}

// expect: callback 0 twice
async function asksAcrossAwait(cb) {
  if (this.isQuick) cb(null);
  await 0;
  if (!this.isQuick) cb(null);
}

// expect: callback 0 twice
function asksLater(cb) {
  if (this.isQuick) cb(null);
  setImmediate(() => {
    if (!this.isQuick) cb(null);
  });
}

// expect: callback 1 twice
function asksOfAnother(options, cb) {
  if (options.quick) setImmediate(cb);
  options = defaults;
  if (!options.quick) cb(null);
}

function outer() {
  let isOpen = false;
  // Whoever has called it before may have opened it.
  // expect: callback 0 unknown blames=isOpen
  return function (cb) {
    if (!isOpen) {
      isOpen = true;
      return cb(null);
    }
  };
}

// expect: callback 1 never
function notAlwaysNothing(value, cb) {
  let kept = value.kept;
  if (value.isNew) kept = null;
  if (!kept) cb(null);
}

// expect: callback 1 never
function declaredInLoop(list, cb) {
  var found;
  if (list.isEmpty) found = null;
  for (var found of list) {
    if (found.isLast) break;
  }
  if (!found) cb(null);
}

function keepsOrNot(key, cb) {
  if (!key) {
    this.list.push(cb);
    cb(null);
    return true;
  }
  return false;
}

// expect: callback 1 unknown blames=keepsOrNot
function asksKeeper(key, cb) {
  if (keepsOrNot(key, cb)) return;
  cb(null);
}

function tellsKind(cb) {
  if (!this.kind) setImmediate(cb);
  return typeof this.kind;
}

// expect: callback 0 unknown blames=tellsKind
function asksForKind(cb) {
  if (tellsKind(cb)) return;
  cb(null);
}

// expect: callback 1 never
function comparesOddly(key, cb) {
  if (!cb === 'function') cb(null);
}
