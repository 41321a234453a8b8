//! `explain`.

use super::Project;

#[test]
fn without_a_name_everything_is_listed() {
    let text = Project::new(&[]).run(&["explain"]).expect(0).text();
    for transform in unpyramid::transforms::ALL {
        assert!(text.contains(&format!("  {} ", transform.meta().id)), "{text}");
    }
    for code in unpyramid::edit::RefusalCode::ALL {
        assert!(text.contains(&format!("  {} ", code.code())), "{text}");
    }
}

#[test]
fn a_pattern_has_a_page() {
    let text = Project::new(&[]).run(&["explain", "then-chain"]).expect(0).text();
    for heading in ["Why it hurts", "Before", "After", "What is safe about it"] {
        assert!(text.contains(&format!("\n{heading}\n")), "{text}");
    }
    assert!(text.contains("    async function"), "{text}");
}

#[test]
fn a_refusal_has_a_page() {
    let text = Project::new(&[]).run(&["explain", "uses-this"]).expect(0).text();
    assert!(text.starts_with("uses-this: A `function` handler uses"), "{text}");
}

#[test]
fn an_unknown_name_gets_suggestions() {
    let run = Project::new(&[]).run(&["explain", "uses-thsi"]).expect(2);
    assert!(run.out.is_empty() && run.err.contains("did you mean `uses-this`?"), "{}", run.err);
}
