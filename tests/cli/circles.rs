//! The promise form of a function of another file is made where it is used: files may load each other, and what they export
//! may change.

use super::{Project, forms::printed};

/// Converts a project whose program prints the same before and after, and gives its code.
fn converted(files: &[(&str, &str)]) -> String {
    let project = Project::new(files);
    let (program, _) = files[0];
    let before = printed(&project, program);
    assert!(!before.is_empty());
    project.run(&["apply"]).expect(0);
    let code: String = files.iter().map(|(path, _)| format!("// {path}\n{}\n", project.text(path))).collect();
    assert_eq!(printed(&project, program), before, "{code}");
    code
}

/// A function that has another one called twice.
const TWICE: &str = "(file, done) => {\n  measure(file, (err, first) => {\n    if (err) return done(err)\n    measure(file, \
                     (err, second) => {\n      if (err) return done(err)\n      done(null, [first, second])\n    })\n  })\n}\n";

const MEASURE: &str = "(file, done) => {\n  fs.stat(file, (err, stat) => {\n    if (err) return done(err)\n    done(null, \
                       stat.isDirectory())\n  })\n}\n";

fn esm(code: &str) -> String {
    format!("import fs from 'fs'\n{code}")
}

#[test]
fn modules_may_import_each_other() {
    for specifier in ["./measure.mjs", "#measure"] {
        let twice = format!("import {{ measure }} from '{specifier}'\nexport const twice = {TWICE}");
        let measure = esm(&format!(
            "import {{ twice }} from './twice.mjs'\nexport const measure = {MEASURE}export {{ twice }}\n"
        ));
        let code = converted(&[
            ("run.mjs", "import('./measure.mjs').then((m) => m.twice('.', (...all) => console.log(all)))\n"),
            ("measure.mjs", &measure),
            ("twice.mjs", &twice),
            ("package.json", "{ \"imports\": { \"#measure\": \"./measure.mjs\" } }"),
        ]);
        assert!(code.contains("await promisify(measure)(file)"), "{code}");
    }
}

#[test]
fn required_modules_may_go_in_a_circle() {
    let measure = format!(
        "const twice = require('./twice')\nconst fs = require('fs')\nmodule.exports = {MEASURE}module.exports.twice = twice\n"
    );
    let twice =
        format!("const measure = require('./measure')\nexports.run = {TWICE}exports.is = () => typeof measure\n");
    let run = "const m = require('./measure')\nm('.', (...all) => console.log(all, m.twice.is()))\n";
    let code = converted(&[("run.js", run), ("measure.js", &measure), ("twice.js", &twice), ("package.json", "{}")]);
    assert!(code.contains("await util.promisify(measure)(file)"), "{code}");
}

#[test]
fn what_is_exported_may_change() {
    let measure = esm(&format!("export let measure = {MEASURE}export function use (other) {{ measure = other }}\n"));
    let twice =
        format!("import {{ measure, use }} from './measure.mjs'\nexport const twice = {TWICE}export {{ use }}\n");
    let run = "import { twice, use } from './twice.mjs'\nuse((file, done) => done(null, 'other'))\n\
               twice('.', (...all) => console.log(all))\n";
    converted(&[("run.mjs", run), ("measure.mjs", &measure), ("twice.mjs", &twice), ("package.json", "{}")]);
}

#[test]
fn what_a_package_exports_is_there_from_the_start() {
    let twice = format!("const measure = require('measure')\nexports.twice = {TWICE}");
    let code = converted(&[
        ("run.js", "require('./twice').twice('.', (...all) => console.log(all))\n"),
        ("twice.js", &twice),
        ("node_modules/measure/index.js", "module.exports = (file, done) => setImmediate(done, null, file)\n"),
        ("package.json", "{ \"dependencies\": { \"measure\": \"1\" } }"),
    ]);
    assert!(code.contains("const measureAsync = util.promisify(measure)"), "{code}");
}

#[cfg(unix)]
#[test]
fn packages_of_one_project_may_go_in_a_circle() {
    use std::os::unix::fs::symlink;

    let project = Project::new(&[
        ("run.js", "const m = require('measure')\nm('.', (...all) => console.log(all, typeof m.twice))\n"),
        ("package.json", "{ \"workspaces\": [\"packages/*\"] }"),
        ("packages/twice/package.json", "{ \"name\": \"twice\", \"dependencies\": { \"measure\": \"1\" } }"),
        ("packages/twice/index.js", &format!("const measure = require('measure')\nexports.twice = {TWICE}")),
        ("packages/measure/package.json", "{ \"name\": \"measure\", \"dependencies\": { \"twice\": \"1\" } }"),
        (
            "packages/measure/index.js",
            "const { twice } = require('twice')\nconst util = require('util')\n\
             exports = module.exports = (file, done) => setImmediate(done, null, file)\nexports.twice = twice\n\
             exports.weigh = function (file, done) {\n  util.callbackify(exports.weighAsync)(file, done)\n}\n\
             exports.weighAsync = async (file) => file.length\n",
        ),
        ("node_modules/readme.txt", ""),
    ]);
    for name in ["measure", "twice"] {
        symlink(format!("../packages/{name}"), project.path(format!("node_modules/{name}"))).unwrap();
    }
    let before = printed(&project, "run.js");
    project.run(&["apply"]).expect(0);
    assert_eq!(printed(&project, "run.js"), before);
    let code = project.text("packages/twice/index.js");
    assert!(code.contains("await util.promisify(measure)(file)"), "{code}");
}

#[test]
fn packages_of_a_project_may_require_each_other() {
    // Nothing in them has a promise form yet.
    let measure = "const twice = require('twice')\nmodule.exports = (file, done) => { setImmediate(done, null, file) }\n\
                   module.exports.twice = twice\n";
    let twice = format!("const measure = require('measure')\nexports.run = {TWICE}exports.name = 'twice'\n");
    let package = |name: &str, other: &str| {
        format!("{{ \"name\": \"{name}\", \"main\": \"index.js\", \"dependencies\": {{ \"{other}\": \"1\" }} }}")
    };
    let loader = "const path = require('path')\nconst load = require('module')\nconst resolve = load._resolveFilename\n\
                  load._resolveFilename = (name, ...rest) => resolve.call(load, ['measure', 'twice'].includes(name) ? \
                  path.join(__dirname, 'packages', name) : name, ...rest)\n\
                  const m = require('measure')\nm('.', (...all) => console.log(all, m.twice.name))\n";
    let code = converted(&[
        ("run.js", loader),
        ("packages/measure/index.js", measure),
        ("packages/measure/package.json", &package("measure", "twice")),
        ("packages/twice/index.js", &twice),
        ("packages/twice/package.json", &package("twice", "measure")),
        ("package.json", "{}"),
    ]);
    assert!(code.contains("await util.promisify(measure)(file)"), "{code}");
}

#[test]
fn a_setting_may_say_that_a_module_is_a_file_of_the_project() {
    let measure = "import { callbackify } from 'util'\nimport { twice } from '../src/twice'\n\
                   type Done = (err: Error | null, file?: string) => void\n\
                   export const measure = (file: string, done: Done) => { setImmediate(done, null, file) }\n\
                   export const weigh = (file: string, done: Done) => {\n  callbackify(weighAsync)(file, done)\n}\n\
                   export const weighAsync = async (file: string) => file\nexport { twice }\n";
    let twice = "import { measure } from 'measure'\n\
                 export const twice = (file: string, done: (err: Error | null, twice?: string) => void) => {\n  \
                 measure(file, (err, first) => {\n    if (err) return done(err)\n    done(null, first + first)\n  })\n}\n";
    // The package depends on what goes by that name as well, which the compiler does not come to.
    let project = Project::new(&[
        ("lib/measure.ts", measure),
        ("src/twice.ts", twice),
        ("tsconfig.json", "{ \"compilerOptions\": { \"paths\": { \"measure\": [\"./lib/measure.ts\"] } } }"),
        ("package.json", "{ \"dependencies\": { \"measure\": \"1\" } }"),
    ]);
    project.run(&["apply", "--unsafe"]).expect(0);
    let code = project.text("src/twice.ts");
    assert!(code.contains("await promisify(measure)(file)"), "{code}");
}
