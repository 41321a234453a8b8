//! `-`: one file through a pipe.

use super::{CLEAN, Project, SAFE};

#[test]
fn apply_writes_the_result_to_standard_output() {
    let project = Project::new(&[("a.js", SAFE)]);
    let run = project.run_with_input(&["apply", "-", "--stdin-filepath", "a.js"], SAFE.as_bytes()).expect(0);
    assert_eq!(project.text("a.js"), SAFE, "the file of that name is not touched");
    project.run(&["apply"]).expect(0);
    assert_eq!(run.text(), project.text("a.js"));
    let run = project.run_with_input(&["apply", "-", "--stdin-filepath", "a.js"], CLEAN.as_bytes()).expect(0);
    assert_eq!(run.text(), CLEAN);
}

#[test]
fn diff_and_scan_are_those_of_the_file() {
    let project = Project::new(&[("lib/a.ts", SAFE)]);
    for arguments in [&["diff"][..], &["scan", "--format", "json"]] {
        let piped = [arguments, &["-", "--stdin-filepath", "./lib/a.ts"]].concat();
        let piped = project.run_with_input(&piped, SAFE.as_bytes()).expect(1);
        let read = project.run(&[arguments, &["lib/a.ts"]].concat()).expect(1);
        assert_eq!(piped.text(), read.text());
    }
}

#[test]
fn odd_bytes_go_through() {
    let project = Project::new(&[]);
    let input = [b"\xEF\xBB\xBF// \xE9\r\n".as_slice(), CLEAN.as_bytes(), b"x()"].concat();
    let run = project.run_with_input(&["apply", "-", "--stdin-filepath", "a.js"], &input).expect(0);
    assert_eq!(run.out, input);
}

#[test]
fn a_language_that_is_not_handled_is_said() {
    let project = Project::new(&[]);
    let run = project.run_with_input(&["apply", "-", "--stdin-filepath", "a.py"], b"x").expect(2);
    assert!(run.err.contains("a.py: not a JavaScript or TypeScript file"), "{}", run.err);
}
