const fs = require('fs');

// expect: callback 1 once error-first results=1 sync=never presumed=0
function size(path, cb) {
  fs.stat(path, function (err, stat) {
    if (err) return cb(err);
    cb(null, stat.size);
  });
}

// expect: callback 1 once error-first results=1
function sizeOrZero(path, cb) {
  fs.stat(path, (err, stat) => cb(null, err ? 0 : stat.size));
}

// expect: callback 1 twice error-first blames=cb(null,stat.size)
function forgottenReturn(path, cb) {
  fs.stat(path, function (err, stat) {
    if (err) cb(err);
    cb(null, stat.size);
  });
}

// expect: callback 1 never error-first blames=return;
function forgottenCall(path, cb) {
  fs.stat(path, function (err, stat) {
    if (err) return;
    cb(null, stat.size);
  });
}

// expect: callback 1 never blames=}
function noElse(path, cb) {
  fs.stat(path, function (err, stat) {
    if (err) cb(err);
    else if (stat.isFile()) cb(null, stat.size);
  });
}

// expect: callback 1 once results=0
function withElse(path, cb) {
  fs.stat(path, function (err, stat) {
    if (err) {
      cb(err);
    } else if (stat.isFile()) {
      cb();
    } else {
      cb(new Error('no file'));
    }
  });
}

// expect: callback 1 once sync=sometimes
function early(path, cb) {
  if (!path) return cb(new TypeError('no path'));
  fs.stat(path, cb);
}

// expect: callback 1 once sync=always
function direct(value, cb) {
  cb(null, value);
}

// expect: callback 1 once sync=never
function deferred(value, cb) {
  process.nextTick(function () { cb(null, value); });
}

// expect: callback 1 once error-first results=0 sync=never
function deferredError(value, cb) {
  process.nextTick(cb, new Error('no'));
}

// expect: callback 1 once
function ternary(path, cb) {
  fs.stat(path, (err, stat) => err ? cb(err) : cb(null, stat));
}

// expect: callback 1 twice
function ternaryAndMore(path, cb) {
  fs.stat(path, (err, stat) => { err ? cb(err) : cb(null, stat); cb(null); });
}

// expect: callback 1 once
function correlated(path, cb) {
  fs.stat(path, (err, stat) => {
    if (err) cb(err);
    if (!err) cb(null, stat);
  });
}

// expect: callback 1 never
function correlatedWrongly(path, cb) {
  fs.stat(path, (err, stat) => {
    if (err) log(err);
    if (!err) cb(null, stat);
  });
}

// expect: callback 1 once
function byKind(kind, cb) {
  switch (kind) {
    case 'a': return cb(null, 1);
    case 'b':
      cb(null, 2);
      break;
    default: cb(new Error(kind));
  }
}

// expect: callback 1 twice
function fallsThrough(kind, cb) {
  switch (kind) {
    case 'a': cb(null, 1);
    default: cb(new Error(kind));
  }
}

// expect: callback 1 never
function noDefault(kind, cb) {
  switch (kind) {
    case 'a': return cb(null, 1);
    case 'b': return cb(null, 2);
  }
}

// expect: callback 1 once sync=always
function parse(text, cb) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (err) {
    return cb(err);
  }
  cb(null, value);
}

// expect: callback 1 once
function parseInside(text, cb) {
  try {
    cb(null, JSON.parse(text));
  } catch (err) {
    cb(err);
  }
}

// expect: callback 1 twice
function parseWithoutReturn(text, cb) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (err) {
    cb(err);
  }
  cb(null, value);
}

// expect: callback 1 never
function swallows(text, cb) {
  try {
    const value = JSON.parse(text);
    cb(null, value);
  } catch (err) {
    log(err);
  }
}

// expect: callback 1 twice
function finallyToo(text, cb) {
  try {
    return cb(null, JSON.parse(text));
  } finally {
    cb(null);
  }
}

// expect: callback 1 once
function throwsFirst(value, cb) {
  if (!value) throw new Error('no value');
  cb(null, value);
}

// expect: callback 1 once
function labelled(list, cb) {
  outer: {
    if (list.length) break outer;
    return cb(new Error('empty'));
  }
  cb(null, list.length);
}

// expect: callback 1 twice
function andThenMore(flag, cb) {
  flag && cb(null, 1);
  cb(null, 2);
}
