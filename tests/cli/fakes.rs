//! Callers stay with the callback form of what tests put something else in the place of.

use super::forms::goes_over;

#[test]
fn what_tests_put_in_the_place_of_a_function_is_still_called() {
    let run = "require('../run.js')\n";
    let tests = [
        "const users = require('../lib/users')\nusers.load = function (file, cb) { cb(null, 1) }\n",
        "const users = require('../lib/users')\nObject.assign(users, { load: fake })\n",
        "sinon.stub(require('../lib/users'), 'load').yields(null, 1)\n",
        "const users = require('../lib/users')\nsinon.stub(users)\n",
        "jest.mock('../lib/users')\n",
        "const index = proxyquire('../index', { './lib/users': { load: fake } })\n",
        "require.cache[require.resolve('../lib/users')] = { exports: { load: fake } }\n",
        "const index = rewire('../index')\nindex.__set__('users', { load: fake })\n",
        "const users = require('../lib/users')\nusers['load'] = fake\n",
        "const users = require('../lib/users')\nfor (const name in users) users[name] = fake\n",
        "const Module = require('module')\nconst load = Module._load\nModule._load = (name, ...rest) => name === './lib/users' ? \
         { load: fake } : load(name, ...rest)\n",
        "const { prototype } = module.constructor\nconst old = prototype.require\nmodule.constructor.prototype.require = function \
         (name) { return /sers$/.test(name) ? { load: fake } : old.call(this, name) }\n",
        "const { join } = require('path')\nmodule.exports = (name, exports) => {\n  const file = join(__dirname, '..', 'lib', name \
         + '.js')\n  require.cache[file] = { id: file, exports }\n}\n",
    ];
    assert!(goes_over(&[("test/a.js", run)], &[]));
    for test in tests {
        assert!(!goes_over(&[("test/a.js", test)], &[]), "{test}");
        assert!(!goes_over(&[("test/a.js", test)], &["index.js", "lib"]), "not in the run: {test}");
    }
    let harmless = "describe('load', () => sinon.stub(fs, 'readFile'))\n'a/users'.replace('/', '.')\nstub = { './other': 1 }\nthis.load = 1\n";
    assert!(goes_over(&[("test/a.js", harmless)], &[]));
    assert!(goes_over(&[("test/a.js", harmless)], &["index.js", "lib"]));
}

#[test]
fn what_tests_replace_by_a_name_that_is_kept_elsewhere_is_still_called() {
    for test in [
        "const index = proxyquire('../index', { [`./lib/users`]: { load: fake } })\n",
        "const stubs = {}\nstubs['./lib/users'] = { load: fake }\nconst index = proxyquire('../index', stubs)\n",
        "const users = require('../lib/users')\nconst name = 'load'\nsinon.stub(users, name).yields(null, 1)\n",
        "const users = require('../lib/users')\nfor (const name of ['load']) sinon.stub(users, name).yields(null, 1)\n",
        "const key = require.resolve('../lib/users')\nrequire.cache[key].exports = { load: fake }\n",
        "const key = join(__dirname, '../lib/users.js')\nrequire.cache[key].exports.load = fake\n",
    ] {
        assert!(!goes_over(&[("test/a.js", test)], &[]), "{test}");
    }
}
