//! What the compilers of a package make of rewritten code.

use super::Project;

const CHAIN: &str =
    "export function name(id) {\n  return load(id).catch((err) => fallback(err.code)).then((user) => user.name);\n}\n";

fn rewritten(file: &str, files: &[(&str, &str)], arguments: &[&str]) -> String {
    let project = Project::new(&[files, &[(file, CHAIN)]].concat());
    project.run(arguments);
    String::from_utf8(project.read(file)).unwrap()
}

#[test]
fn async_functions_that_would_need_a_runtime_are_for_review() {
    let package = ("package.json", r#"{"devDependencies": {"babel-preset-env": "1"}}"#);
    let babel = (".babelrc", r#"{"presets": ["env"]}"#);
    let for_node = (".babelrc", r#"{"presets": [["env", {"targets": {"node": "current"}}]]}"#);
    assert_eq!(rewritten("src/a.js", &[package, babel], &["apply"]), CHAIN);
    assert!(rewritten("src/a.js", &[package, babel], &["apply", "--unsafe"]).contains("export async function"));
    assert!(rewritten("src/a.js", &[package, for_node], &["apply"]).contains("export async function"));
    let project = Project::new(&[package, babel, ("src/a.js", CHAIN)]);
    let said = String::from_utf8(project.run(&["scan"]).out).unwrap();
    assert!(said.contains("assumes: What Babel compiles async functions to has the runtime"), "{said}");
}

#[test]
fn an_old_typescript_is_not_told_the_type_of_an_error() {
    let version = |range: &str| format!(r#"{{"devDependencies": {{"typescript": "{range}"}}}}"#);
    for (range, expected) in [("^2.7.0", "catch (err)"), ("^4.0.2", "catch (err: any)"), ("latest", "catch (err: any)")]
    {
        let code = rewritten("src/a.ts", &[("package.json", &version(range))], &["apply"]);
        assert!(code.contains(expected), "{range}: {code}");
    }
}
