// expect: callback 1 once
function serial(list, cb) {
  let i = 0;
  next();
  function next(err) {
    if (err) return cb(err);
    if (i === list.length) return cb(null, i);
    work(list[i++], next);
  }
}

// expect: callback 1 once
function serialExpression(list, done) {
  (function step(i) {
    if (i >= list.length) return done(null);
    work(list[i], function (err) {
      if (err) return done(err);
      step(i + 1);
    });
  })(0);
}

// expect: callback 1 twice
function serialWithoutReturn(list, done) {
  (function step(i) {
    if (i >= list.length) done(null);
    work(list[i], function (err) {
      if (err) return done(err);
      step(i + 1);
    });
  })(0);
}

// expect: callback 1 once
function find(list, cb) {
  for (const item of list) {
    if (item.ok) return cb(null, item);
  }
  cb(null, null);
}

// expect: callback 1 never blames=}
function findWithoutEnd(list, cb) {
  for (const item of list) {
    if (item.ok) return cb(null, item);
  }
}

// expect: callback 1 twice
function findWithoutReturn(list, cb) {
  for (const item of list) {
    if (item.ok) cb(null, item);
  }
  cb(null, null);
}

// expect: callback 1 twice
function findByIterator(list, cb) {
  list.forEach(function (item) {
    if (!item.ok) return cb(new Error('bad'));
  });
  cb(null, list);
}

// expect: callback 1 once
function untilBreak(list, cb) {
  while (true) {
    if (!list.pop()) break;
  }
  cb(null);
}

// expect: callback 1 never blames=}
function counts(list, cb) {
  let n = list.length;
  list.forEach(function (item) {
    work(item, function () {
      if (--n === 0) cb(null);
    });
  });
}

// expect: callback 1 unknown blames=n===0
function countsSome(list, cb) {
  let n = list.length;
  if (n === 0) return cb(null);
  list.forEach(function (item) {
    work(item, function () {
      if (--n === 0) cb(null);
    });
  });
}

// expect: callback 1 never
function fills(list, cb) {
  const results = [];
  list.forEach(function (item) {
    work(item, function (err, value) {
      results.push(value);
      if (results.length === list.length) cb(null, results);
    });
  });
}

// expect: callback 1 twice
function eachCalls(list, cb) {
  for (const item of list) work(item, function (err) { cb(err); });
}

// expect: callback 1 once
function retry(path, cb) {
  open(path, function (err, fd) {
    if (err && err.code === 'EMFILE') return setTimeout(function () { retry(path, cb); }, 10);
    cb(err, fd);
  });
}

// expect: callback 1 once
function countsDown(list, cb) {
  next();
  function next() {
    if (list.length === 0) return cb(null);
    list.pop();
    next();
  }
}

for (const name of names) {
  // The loop around the function is none in it.
  // expect: callback 0 once value-first
  loaders[name] = function (done) { done(name); };
}

// expect: plain
function each(list, fn) {
  for (let i = 0; i < list.length; i++) fn(list[i], i);
}

// expect: plain
function eachByIterator(list, callback) {
  list.forEach(function (item) { callback(item); });
}

// expect: plain
function eachAlways(list, callback) {
  list.forEach(callback);
}

// expect: callback 0 twice
function doTwice(cb) {
  let i = 0;
  do { cb(null, i); } while (i++ < 1);
}

// Whether one of the items sets it can't be told.
// expect: callback 1 unknown blames=isLate
function perhapsLater(items, cb) {
  let isLate = false;
  items.forEach(function (item) {
    if (item.check) isLate = item.later(done);
  });
  if (isLate) return;
  cb(null);
  function done(err) { cb(err); }
}
