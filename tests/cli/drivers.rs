//! Test drivers that put commands into a queue, and the helpers and page objects that hand commands on.

use super::Project;

const HELPER: &str = "exports.name = function () {\n  return row().then((found) => found.getText());\n};\n";

const PAGE: &str = "class LoginPage {\n  name() {\n    return element(by.id('name'));\n  }\n\n  login(user) {\n    return \
                    this.name().sendKeys(user).then(() => this.submit());\n  }\n\n  submit() {\n    return \
                    element(by.id('go')).click();\n  }\n}\nmodule.exports = LoginPage;\n";

/// What becomes of a file in a package that lists some others.
fn applied(file: &str, code: &str, listed: &str) -> String {
    let package = format!(r#"{{"devDependencies": {{{listed}}}}}"#);
    let project = Project::new(&[("package.json", &package), (file, code)]);
    project.run(&["apply"]);
    String::from_utf8(project.read(file)).unwrap()
}

#[test]
fn what_may_be_a_command_in_a_queue_stays_one() {
    for (file, code, listed) in [
        ("pages/login.js", PAGE, r#""protractor": "^5.4.0""#),
        ("pages/login.js", PAGE, r#""selenium-webdriver": "^3.6.0""#),
        ("e2e/rows.js", HELPER, r#""protractor": "^5.4.0""#),
        ("src/rows.po.js", HELPER, r#""protractor": "^5.4.0""#),
        ("cypress/support/rows.js", HELPER, r#""cypress": "6.0.0""#),
    ] {
        assert_eq!(applied(file, code, listed), code, "{file} {listed}");
    }
}

#[test]
fn what_is_no_command_is_rewritten() {
    let of_node = "const fs = require('fs');\nexports.read = function () {\n  return \
                   fs.promises.readFile('users.json').then((text) => JSON.parse(text));\n};\n";
    for (file, code, listed) in [
        ("pages/login.js", PAGE, r#""selenium-webdriver": "^4.1.0""#),
        ("src/rows.js", HELPER, r#""protractor": "^5.4.0""#),
        ("cypress/plugins/rows.js", HELPER, r#""cypress": "6.0.0""#),
        ("e2e/users.js", of_node, r#""protractor": "^5.4.0""#),
    ] {
        assert!(applied(file, code, listed).contains("async"), "{file} {listed}");
    }
}

#[test]
fn what_imports_a_page_object_may_be_handed_commands() {
    let spec = "const LoginPage = require('./login');\nconst page = new LoginPage();\nexports.open = () => page.login('a')\
                .then(() => page.name()).then((name) => name.trim());\n";
    let package = r#"{"devDependencies": {"protractor": "^5.4.0"}}"#;
    let project = Project::new(&[("package.json", package), ("checks/login.js", PAGE), ("checks/all.js", spec)]);
    project.run(&["apply"]);
    assert_eq!(project.read("checks/all.js"), spec.as_bytes());
}

#[test]
fn a_workspace_may_list_the_driver_for_its_packages() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        ("package.json", r#"{"devDependencies": {"protractor": "^5.4.0"}}"#),
        ("packages/shop/package.json", "{}"),
        ("packages/shop/e2e/rows.js", HELPER),
    ]);
    project.run(&["apply"]);
    assert_eq!(project.read("packages/shop/e2e/rows.js"), HELPER.as_bytes());
}
