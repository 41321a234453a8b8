//! Tests of what is known of functions by their names.

use super::{CallbackFunctions, Results};

fn functions(all: &[(&str, usize, &[&str])]) -> CallbackFunctions {
    let mut functions = CallbackFunctions::default();
    for (name, most, handed_to) in all {
        let handed_to = handed_to.iter().map(|n| (*n).to_owned()).collect();
        functions.add(name, Results { most: *most, succeeds: *most > 0, handed_to, guessed: Vec::new() });
    }
    functions
}

#[test]
fn the_most_of_all_that_share_a_name_counts() {
    let functions = functions(&[("load", 1, &[]), ("load", 2, &[]), ("save", 0, &[])]);
    assert_eq!(functions.results("load"), Some(2));
    assert_eq!(functions.results("save"), Some(0));
}

#[test]
fn functions_that_hand_a_callback_on_to_each_other_tell_nothing() {
    let functions = functions(&[("get", 0, &["get"]), ("find", 0, &["look"]), ("look", 0, &["find"])]);
    assert_eq!(functions.results("get"), None);
    assert_eq!(functions.results("find"), None);
}

#[test]
fn one_that_calls_back_itself_speaks_for_those_of_its_name() {
    let functions = functions(&[("get", 0, &["get"]), ("get", 1, &[]), ("find", 0, &["get"])]);
    assert_eq!(functions.results("get"), Some(1));
    assert_eq!(functions.results("find"), Some(1));
}

#[test]
fn what_is_relied_on_relies_on_what_it_calls() {
    let mut functions = CallbackFunctions::default();
    functions.rely("notify");
    functions.call("notify", "notifyBase");
    functions.call("notifyBase", "each");
    functions.call("save", "write");
    assert!(functions.is_relied_on("each"));
    assert!(!functions.is_relied_on("write"));
}

#[test]
fn a_function_runs_on_with_the_one_that_calls_back_for_it() {
    let mut functions = CallbackFunctions::default();
    let mut other = CallbackFunctions::default();
    functions.call_back_by("save", "write");
    functions.call_back_by("write", "flush");
    functions.call_back_by("read", "open");
    assert!(!functions.runs_on("save"));
    other.run_on("flush");
    functions.extend(other);
    assert!(functions.runs_on("save"));
    assert!(!functions.runs_on("read"));
}

#[test]
fn a_callback_is_caught_by_the_one_that_calls_it() {
    let mut functions = CallbackFunctions::default();
    functions.call_back_by("initialize", "connect");
    functions.catch("connect");
    functions.catch("close");
    assert!(functions.catches("initialize"));
    assert!(!functions.catches("open"));
}

#[test]
fn a_result_beside_an_error_is_expected_of_those_that_it_comes_from() {
    let mut functions = CallbackFunctions::default();
    let mut other = CallbackFunctions::default();
    functions.answer_by("find", "withClient");
    functions.answer_by("count", "load");
    assert!(!functions.is_expected_to_hand_both("withClient"));
    other.look_beside_error("find");
    functions.extend(other);
    assert!(functions.is_expected_to_hand_both("withClient"));
    assert!(!functions.is_expected_to_hand_both("load"));
}

#[test]
fn a_name_makes_errors_if_all_that_have_it_do() {
    let mut functions = CallbackFunctions::default();
    let mut other = CallbackFunctions::default();
    functions.make_error("createError", true);
    functions.make_error("checkError", true);
    other.make_error("checkError", false);
    functions.extend(other);
    assert!(functions.makes_error("createError"));
    assert!(!functions.makes_error("checkError"));
    assert!(!functions.makes_error("otherError"));
}

#[test]
fn what_callbacks_take_is_the_most_of_all() {
    let mut functions = CallbackFunctions::default();
    let mut other = CallbackFunctions::default();
    functions.take("get", 1);
    other.take("get", 2);
    functions.extend(other);
    assert_eq!(functions.taken("get"), Some(2));
    assert_eq!(functions.taken("put"), None);
}

#[test]
fn a_callback_is_followed_to_where_it_is_handed_on() {
    let functions = functions(&[("a", 0, &["b"]), ("b", 1, &["c"]), ("c", 2, &["a"]), ("d", 1, &["elsewhere"])]);
    assert_eq!(functions.results("a"), Some(2));
    assert_eq!(functions.results("d"), None, "nothing is known of `elsewhere`");
    assert_eq!(functions.results("missing"), None);
}

#[test]
fn an_event_is_missed_where_somebody_listens_for_the_next() {
    let mut functions = CallbackFunctions::default();
    functions.listen("ask", true);
    functions.listen("closed", false);
    functions.call_back_by("askNumber", "ask");
    functions.call("askNumber", "ask");
    functions.follow("ask", "save");
    assert!(functions.listens("askNumber") && !functions.is_event_missed_behind("ask"));
    let mut elsewhere = CallbackFunctions::default();
    elsewhere.follow("askNumber", "ask");
    functions.extend(elsewhere);
    assert!(functions.is_event_missed_behind("askNumber") && functions.is_event_missed_behind("ask"));
    assert!(!functions.is_event_missed_behind("save"), "nothing tells it of an event");
    functions.listen_next("closed");
    assert!(!functions.is_event_missed_behind("closed"), "nothing follows that");
    let mut last = CallbackFunctions::default();
    last.listen("readLine", true);
    last.listen("closed", false);
    last.follow("readLine", "closed");
    assert!(last.is_event_missed_behind("readLine"));
}
