//! What one file has to know of another: facts by name, which refuse what would otherwise be rewritten.

use unpyramid::{
    edit::RefusalCode,
    engine::{Asked, Engine, Rewritten, Selection},
    project::OtherFiles,
    source::SourceFile,
    transforms::ALL,
};

fn engine() -> Engine<'static> {
    let patterns = vec!["callback-pyramid".to_owned()];
    Engine::new(ALL, Selection { patterns, review: true, ..Selection::default() }).expect("a known pattern")
}

fn source(path: &str, text: &str) -> SourceFile {
    SourceFile::new(path, text.as_bytes().to_vec()).expect("a text")
}

/// The first file at level review, in the knowledge of all.
fn rewritten(files: &[(&str, &str)]) -> Rewritten {
    let files: Vec<_> = files.iter().map(|(path, text)| source(path, text)).collect();
    let mut others = OtherFiles::default();
    files.iter().for_each(|file| others.extend(engine().read(file, Asked::default()).others));
    engine().knowing(others).rewrite(&files[0])
}

/// What becomes of the first file, in the knowledge of all: its new text, or the code of the first refusal.
fn outcome(files: &[(&str, &str)]) -> Result<String, RefusalCode> {
    let rewritten = rewritten(files);
    if let Some(bytes) = rewritten.bytes {
        return Ok(String::from_utf8(bytes).expect("a text"));
    }
    let refused = rewritten.scan.findings.iter().find_map(|f| f.finding.outcome.as_ref().err());
    Err(refused.expect("a finding").code)
}

fn title_of(import: &str, callee: &str) -> String {
    format!(
        "{import}\nexports.title = function (list, cb) {{\n  {callee}(list, (err, item) => {{\n    if (err) return \
         cb(err);\n    cb(null, item.title);\n  }});\n}};\n"
    )
}

const GOES_ON: &str = "exports.first = function (list, done) { done(null, list[0]); this.count++; };";

#[test]
fn a_callee_of_another_file_goes_on() {
    for (import, callee) in [
        ("const store = require('./store');", "store.first"),
        ("const { first } = require('./store');", "first"),
        ("const { first: top } = require('./store');", "top"),
        ("const top = require('./store').first;", "top"),
        ("const store = require('./store');\nconst top = store.first.bind(store);", "top"),
        ("import { first as top } from './store';", "top"),
    ] {
        let caller = title_of(import, callee);
        let found = outcome(&[("title.js", &caller), ("store.js", GOES_ON)]);
        assert_eq!(found, Err(RefusalCode::CalleeRunsOn), "{import}");
        let quiet = "exports.first = function (list, done) { done(null, list[0]); };";
        assert!(outcome(&[("title.js", &caller), ("store.js", quiet)]).is_ok(), "{import}");
    }
}

#[test]
fn a_whole_file_goes_by_its_own_name() {
    let caller = title_of("const top = require('./lib/first');", "top");
    for (path, text) in [
        ("lib/first.js", "module.exports = function (list, done) { done(null, list[0]); list.pop(); };"),
        (
            "lib/first/index.js",
            "function pick(list, done) { done(null, list[0]); list.pop(); }\nmodule.exports = pick;",
        ),
        ("lib/first.js", "export default function (list, done) { done(null, list[0]); list.pop(); }"),
    ] {
        assert_eq!(outcome(&[("title.js", &caller), (path, text)]), Err(RefusalCode::CalleeRunsOn), "{path} {text}");
    }
    let store = ("lib/first.js", "module.exports = function (list, done) { done(null, list[0]); list.pop(); };");
    let caller = title_of("", "require('./lib/first')");
    assert_eq!(outcome(&[("title.js", &caller), store]), Err(RefusalCode::CalleeRunsOn));
    // What it returns has no name.
    let returned = title_of("const top = require('./lib/first');", "top(list)");
    assert_eq!(outcome(&[("title.js", &returned), store]), Err(RefusalCode::ComplexCallee));
    let caller = title_of("const top = require('./lib/first');", "top");
    // One that is not what the file exports goes by its own name alone.
    let quiet = "module.exports = function (list, done) { done(null, list[0]); };\nfunction pick(list, done) { done(null, list[0]); \
                 list.pop(); }\npick(all, print);";
    assert!(outcome(&[("title.js", &caller), ("lib/first.js", quiet)]).is_ok());
}

#[test]
fn a_function_goes_on_with_the_one_that_calls_back_for_it() {
    let caller = title_of("const store = require('./store');", "store.first");
    let through = [
        "const list = require('./list');\nexports.first = function (all, done) { list.head(all, done); };",
        "const list = require('./list');\nexports.first = function (all, done) { list.head(all, (err, x) => { done(err, x); }); };",
        "const list = require('./list');\nexports.first = function (all, done) { list.head(all, end); function end(err, x) { done(err, x); } };",
    ];
    let list = "exports.head = function (all, done) { done(null, all[0]); all.pop(); };";
    for store in through {
        let files = [("title.js", caller.as_str()), ("store.js", store), ("list.js", list)];
        assert_eq!(outcome(&files), Err(RefusalCode::CalleeRunsOn), "{store}");
    }
}

#[test]
fn a_callee_of_another_file_catches_what_its_callback_throws() {
    let caller = title_of("const store = require('./store');", "store.first");
    for store in [
        "exports.first = function (list, done) { try { done(null, list[0]); } catch (e) { console.error(e); } };",
        "exports.first = function (list, done) { waiting.push(done); waiting.forEach(cb => { try { cb(null, list); } catch (e) \
         { note(e); } }); };",
        "const lists = require('./lists');\nexports.first = function (list, done) { lists.head(list, done); };",
        "exports.first = function (list, done) { list.load().then(all => done(null, all[0])).catch(done); };",
        "exports.first = function (list, done) { list.load().then(all => done(null, all[0])).then(null, note); };",
    ] {
        let lists =
            "exports.head = function (list, done) { try { done(null, list[0]); } catch (e) { console.error(e); } };";
        let files: Vec<_> = [("title.js", &*caller), ("store.js", store), ("lists.js", lists)]
            .map(|(path, text)| source(path, text))
            .into();
        let mut others = OtherFiles::default();
        files.iter().for_each(|file| others.extend(engine().read(file, Asked::default()).others));
        let scan = engine().knowing(others).scan(&files[0]);
        let change = scan.findings[0].finding.outcome.as_ref().expect("a rewrite");
        let assumption = change.assumption.as_deref().unwrap_or_default();
        assert!(assumption.contains("Nothing throws in the callback of `store.first`"), "{store}: {assumption}");
    }
}

#[test]
fn a_callback_that_is_called_last_is_caught_by_nobody() {
    let caller = title_of("const store = require('./store');", "store.first");
    for store in [
        "exports.first = function (list, done) { list.load().then(all => done(null, all[0]), done); };",
        "exports.first = function (list, done) { let all; try { all = list.all(); } catch (e) { return done(e); } done(null, all); };",
    ] {
        assert!(outcome(&[("title.js", &caller), ("store.js", store)]).is_ok(), "{store}");
    }
}

#[test]
fn a_function_of_a_package_is_no_function_of_the_project() {
    let caller = "const fs = require('fs');\nexports.size = function (file, cb) {\n  fs.stat(file, (err, stat) => {\n    if (err) \
                  return cb(err);\n    cb(null, stat.size);\n  });\n};\n";
    let other = "exports.stat = function (file, done) { done(null, file); file.close(); };";
    assert!(outcome(&[("size.js", caller), ("store.js", other)]).is_ok());
}

#[test]
fn nothing_is_made_of_files_of_the_project_as_they_are_loaded() {
    // Of files that load each other, one has nothing to make a promise form of yet.
    let found = |import: &str| outcome(&[("title.js", &title_of(import, "find"))]).expect("a rewrite");
    for path in ["./store", "../store", "/store", "~/store", "#store", "@/store"] {
        let text = found(&format!("const {{ find }} = require('{path}');"));
        assert!(text.contains("await util.promisify(find)(list)") && !text.contains("findAsync"), "{text}");
    }
    let text = found("const { find } = require('store');");
    assert!(text.contains("const findAsync = util.promisify(find);"), "{text}");
}

#[test]
fn results_are_known_through_an_alias() {
    let caller = |import: &str| format!("{import}\nexports.load = function (id, cb) {{ log(id); read(id, cb); }};\n");
    let two = "exports.fetch = function (id, done) { done(null, id, 1); };";
    let one = "exports.fetch = function (id, done) { done(null, id); };";
    for import in [
        "const read = require('./store').fetch;",
        "const { fetch: read } = require('./store');",
        "import { fetch as read } from './store';",
    ] {
        assert_eq!(
            outcome(&[("load.js", &caller(import)), ("store.js", two)]),
            Err(RefusalCode::ManyResults),
            "{import}"
        );
        let only = outcome(&[("load.js", &caller(import)), ("store.js", one)]).expect("a rewrite");
        assert!(only.contains("promisify(read)") && !only.contains("...results"), "{import}: {only}");
    }
}

#[test]
fn a_callback_that_is_handed_nothing_goes_on_being_handed_nothing() {
    let caller = "exports.migrate = function (db, cb) { log(db); db.migrate(cb); };\n";
    let nothing = "exports.migrate = function (cb) { process.nextTick(cb); };";
    // An adapter that counts is worth it where something is waited for.
    assert_eq!(outcome(&[("a.js", caller), ("b.js", nothing)]), Err(RefusalCode::HandedOn));
    let step = "exports.migrate = function (db, cb) {\n  db.open(err => {\n    if (err) return cb(err);\n    db.migrate(cb);\n  });\n};\n";
    let adapter = outcome(&[("a.js", step), ("b.js", nothing)]).expect("a rewrite");
    assert!(adapter.contains("value === undefined ? cb(err) : cb(err, value)"), "{adapter}");
    let something = "exports.migrate = function (cb) { process.nextTick(cb, null, 1); };";
    let adapter = outcome(&[("a.js", caller), ("b.js", something)]).expect("a rewrite");
    assert!(adapter.contains("(db, cb || (() => {}));"), "{adapter}");
}

#[test]
fn a_function_that_is_named_for_an_error_may_return_none() {
    let caller = "const check = require('./check');\nconst db = require('./db');\nexports.load = function (id, cb) {\n  \
                  db.get(id, (err, user) => {\n    if (err) return cb(err);\n    cb(check.statusError(user));\n  });\n};\n";
    let maybe = "exports.statusError = function (user) { return user.ok ? null : new Error('status'); };";
    let always = "exports.statusError = function (user) { return new Error(user.status); };";
    let tested = outcome(&[("load.js", caller), ("check.js", maybe)]).expect("a rewrite");
    assert!(tested.contains("if (error) throw error") || tested.contains("if (error) {"), "{tested}");
    let thrown = outcome(&[("load.js", caller), ("check.js", always)]).expect("a rewrite");
    assert!(thrown.contains("throw check.statusError(user)"), "{thrown}");
}

#[test]
fn a_callee_of_another_file_returns_a_promise() {
    let caller = "const { using } = require('./using');\nexports.within = function (path, cb) {\n  return using(open(path), \
                  close, cb);\n};\n";
    let using = "exports.using = function (opening, close, fn) {\n  return opening.then((it) => Promise.resolve(fn(it))\
                 .then(() => close(it)));\n};\n";
    assert_eq!(outcome(&[("within.js", caller), ("using.js", using)]), Err(RefusalCode::ReturnsValue));
}

#[test]
fn a_callee_of_another_file_goes_on_behind_a_value() {
    let caller = "exports.check = function (id, cb) {\n  require('./store').ask(id, valid => {\n    if (!valid) return \
                  cb(new Error(id));\n    require('./store').load(id, (err, item) => {\n      if (err) return cb(err);\n      \
                  cb(null, item);\n    });\n  });\n};";
    let asked = |store: &str| outcome(&[("check.js", caller), ("store.js", store)]);
    let goes_on = "exports.ask = function (id, done) { done(id > 17); this.count++; };";
    assert_eq!(asked(goes_on), Err(RefusalCode::CalleeRunsOn));
    let looks = "exports.ask = function (id, done) { done(id.isValid()); };";
    assert!(asked(looks).is_ok());
    let other = "exports.ask = function (id, done) { id.check(); this.count++; done(id > 17); };";
    assert!(asked(other).is_ok());
}

#[test]
fn a_listener_is_called_by_whoever_has_an_event_to_tell_of() {
    let caller = title_of("const store = require('./store');", "store.first");
    let store = "exports.first = function (list, done) {\n  list.on('end', finish);\n  function finish() { done(null, \
                 list[0]); }\n};";
    let other = "exports.on = function (name, done) { done(null, name); this.count++; };";
    assert!(outcome(&[("title.js", &caller), ("store.js", store), ("other.js", other)]).is_ok());
}

#[test]
fn an_adapter_hands_over_one_result() {
    let caller = "exports.title = function (list, done) {\n  if (list.length === 0) return done(null);\n  \
                  require('./store').first(list, done);\n};";
    let store = "const util = require('util');\nexports.first = function (list, done) {\n  \
                 util.callbackify(exports.firstAsync)(list, done);\n};\nexports.firstAsync = async function (list) {\n  \
                 return list[0];\n};";
    let text = outcome(&[("title.js", caller), ("store.js", store)]).expect("it is rewritten");
    assert!(text.contains("exports.titleAsync"), "{text}");
}

#[test]
fn a_callee_of_another_file_may_hand_over_a_result_along_with_an_error() {
    let caller = "const store = require('./store');\nfunction title(list, cb) {\n  store.open(list, (err, opened) => {\n    \
                  if (err) return cb(err);\n    store.first(opened, cb);\n  });\n}\nexports.show = function (list, \
                  shown) {\n  title(list, (err, text) => shown(text, err));\n};\n";
    let text = |hands: &str| {
        let store =
            format!("exports.first = function (list, done) {{\n  list.load((err, item) => {{ {hands} }});\n}};");
        outcome(&[("title.js", caller), ("store.js", &store)]).expect("it is rewritten")
    };
    assert!(text("done(err, list)").contains("...results"), "both are handed over");
    assert!(!text("done(err, item)").contains("...results"), "one or the other is");
}

#[test]
fn a_result_along_with_an_error_comes_by_way_of_others() {
    let caller = "const store = require('./store');\nfunction title(list, cb) {\n  store.open(list, (err, opened) => {\n    \
                  if (err) return cb(err);\n    store.first(opened, cb);\n  });\n}\nexports.show = function (list, \
                  shown) {\n  title(list, (err, text) => shown(text, err));\n};\n";
    let through =
        "const lists = require('./lists');\nexports.first = function (list, done) { lists.head(list, done); };";
    let text = |hands: &str| {
        let lists = format!("exports.head = function (list, done) {{\n  list.load((err, item) => {{ {hands} }});\n}};");
        outcome(&[("title.js", caller), ("store.js", through), ("lists.js", &lists)]).expect("it is rewritten")
    };
    for hands in [
        "done(err, list)",
        "process.nextTick(done, err, list)",
        "setTimeout(done, 10, err, list)",
        "done.call(null, err, list)",
        "if (!item) return done(err); done.apply(null, [err, list])",
        "if (!item) return done(err); list.end(done.bind(null, err, list))",
    ] {
        assert!(text(hands).contains("...results"), "{hands}");
    }
    for hands in [
        "process.nextTick(done, err, item)",
        "if (!item) return done(err); done.apply(this, arguments)",
        "done.call(null, err, item)",
    ] {
        assert!(!text(hands).contains("...results"), "{hands}");
    }
}

#[test]
fn what_tests_replace_is_looked_up_when_it_is_called() {
    let closing = "const fs = require('fs');\nexports.finish = function (fd, cb) {\n  fs.fsync(fd, (err) => {\n    if (err) return cb(err);\n    \
                   fs.close(fd, (err) => {\n      if (err) return cb(err);\n      cb(null);\n    });\n  });\n};\n";
    let alone = outcome(&[("close.js", closing)]).expect("a rewrite");
    assert!(alone.contains("closeAsync(fd)"), "{alone}");
    for replacing in [
        "const fs = require('fs');\nconst spy = sinon.stub(fs, 'close');",
        "const fs = require('fs');\nfs.close = (fd, cb) => cb(new Error('mocked'));",
        "const fs = require('fs');\nconst spies = sinon.stub(fs);",
        "jest.mock('fs');",
        "const { finish } = proxyquire('./close', { fs: { close: failing } });",
        "const { finish } = require('proxyquire')('./close', { fs: { close: failing } });",
        "const { finish } = SandboxedModule.require('./close', { requires: { fs: { close: failing } } });",
        "const fs = require('fs');\nmm(fs, 'close', failing);",
        "const fs = require('fs');\nmm.error(fs, 'close', 'failed');",
        "const fs = require('fs');\nObject.assign(fs, { close: failing });",
        "Object.defineProperty(require('fs'), 'close', { value: failing });",
        "require('graceful-fs').gracefulify(require('fs'));",
    ] {
        let test = format!("{replacing}\nit('closes', (done) => finish(3, done));\n");
        let found = outcome(&[("close.js", closing), ("test/close.js", &test)]).expect("a rewrite");
        assert!(found.contains("util.promisify(fs.close)(fd)"), "{replacing}\n{found}");
    }
}

/// A function that is rewritten unless somebody relies on what it does at once.
fn plain(name: &str) -> String {
    format!(
        "const store = require('./store');\nexports.{name} = function (id, cb) {{\n  store.find(id, (err, item) => {{\n    if (err) \
         return cb(err);\n    cb(null, item.title);\n  }});\n}};\n"
    )
}

#[test]
fn a_list_that_is_returned_is_filled_at_once() {
    let gather = |then: &str| {
        format!(
            "const {{ load }} = require('./load');\nexports.gather = function (id, cb) {{\n  const found = [];\n  load(id, \
             note);\n  return found;\n  function note(err, item) {{ {then} cb(err); }}\n}};\n"
        )
    };
    let load = plain("load");
    let asked = |then: &str| outcome(&[("load.js", &load), ("gather.js", &gather(then))]);
    assert_eq!(asked("found.push(item);"), Err(RefusalCode::ReliedOnAtOnce));
    assert!(asked("").is_ok(), "nothing is put into it");
}

#[test]
fn nobody_relies_on_what_is_never_at_once() {
    // The function of Node's is another one.
    let uses = "const fs = require('fs');\nexports.show = function (path) {\n  let text;\n  fs.readFile(path, (err, read) => { text = \
                read; });\n  return text.length;\n};\n";
    assert!(outcome(&[("load.js", &plain("readFile")), ("show.js", uses)]).is_ok());
    let uses = uses.replace("const fs = require('fs')", "const fs = require('./load')");
    assert_eq!(outcome(&[("load.js", &plain("readFile")), ("show.js", &uses)]), Err(RefusalCode::ReliedOnAtOnce));
    // The one that is relied on has its callback called later, however soon the other one calls back.
    let uses = "const { read } = require('./read');\nexports.show = function (id) {\n  let text;\n  read(id, (err, found) => { text = \
                found; });\n  return text.length;\n};\n";
    let read = |called: &str| {
        format!(
            "const {{ load }} = require('./load');\nexports.read = function (id, cb) {{\n  load(id, (err, found) => {called});\n}};\n"
        )
    };
    let asked = |called: &str| outcome(&[("load.js", &plain("load")), ("read.js", &read(called)), ("show.js", uses)]);
    assert_eq!(asked("cb(err, found)"), Err(RefusalCode::ReliedOnAtOnce));
    assert!(asked("setImmediate(cb, err, found)").is_ok());
}
