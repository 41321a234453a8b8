// expect: callback 1 once error-first results=1 sync=never
function both(value, cb) {
  save(value).then(function (saved) { cb(null, saved); }, cb);
}

// expect: callback 1 once sync=never
function returnedBoth(value, cb) {
  return save(value).then((saved) => cb(null, saved), cb);
}

// What a rejected promise has to say, nobody hands on.
// expect: callback 1 never
function tapped(value, cb) {
  save(value).tap((saved) => cb(null, saved));
}

// expect: callback 1 once
function caught(value, cb) {
  save(value).then((saved) => cb(null, saved)).catch(cb);
}

// expect: callback 1 once
function caughtThrow(value, cb) {
  save(value).then((saved) => {
    if (!saved) throw new Error('not saved');
    cb(null, saved);
  }).catch((err) => {
    log(err);
    cb(err);
  });
}

// expect: callback 1 never blames=save(value).then
function uncaught(value, cb) {
  save(value).then((saved) => cb(null, saved));
}

// expect: callback 1 never
function onlyLogged(value, cb) {
  save(value).then((saved) => cb(null, saved)).catch(log);
}

// expect: callback 1 once
function finalized(value, cb) {
  save(value).finally(close).then(() => cb(null), cb);
}

// expect: callback 1 twice
function afterCatch(value, cb) {
  save(value).catch(cb).then(() => cb(null));
}

// expect: callback 1 once
function innerChain(value, cb) {
  open(value).then((file) => {
    return file.read().then((text) => cb(null, text));
  }).catch(cb);
}

// expect: callback 1 never
function innerRejection(value, cb) {
  open(value).then((file) => {
    return file.read().then((text) => cb(null, text));
  }, cb);
}

// expect: promise
function returned(value) {
  return new Promise(function (resolve, reject) { save(value, resolve); });
}

// expect: promise
function chain(value) {
  return save(value).then((saved) => saved.id);
}

// expect: async
async function load(value) {
  return value;
}

// expect: callback 1 once
function executor(value, cb) {
  new Promise(function (resolve) { resolve(value); }).then((v) => cb(null, v), cb);
}

// expect: callback 1 once
function immediate(value, cb) {
  (async function () {
    try {
      const saved = await save(value);
      cb(null, saved);
    } catch (err) {
      cb(err);
    }
  })();
}
