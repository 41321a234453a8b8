use super::*;

#[test]
fn the_prefix_makes_no_difference() {
    let apis = Apis::builtin();
    assert_eq!(apis.function("node:fs", "readFile").unwrap().form, Form::Promises);
    assert_eq!(apis.function("fs", "readFile"), apis.function("node:fs", "readFile"));
    assert!(apis.is_detached("node:fs") && !apis.is_detached("redis"));
}

#[test]
fn several_results_are_known_by_name() {
    let exec = Apis::builtin().function("child_process", "exec").unwrap();
    assert_eq!(exec.form, Form::Object(vec!["stdout".into(), "stderr".into()]));
    assert_eq!((exec.results, exec.returns_value), (Some(2), true));
    let request = Apis::builtin().function("request", "default").unwrap();
    assert_eq!((request.results, request.from_first.as_slice()), (Some(2), ["body".to_owned()].as_slice()));
}

#[test]
fn what_is_not_error_first_is_not_awaitable() {
    let apis = Apis::builtin();
    for (module, name) in [("fs", "exists"), ("http", "get"), ("process", "nextTick"), ("timers", "setTimeout")] {
        assert!(!apis.function(module, name).unwrap().is_awaitable(), "{module}.{name}");
    }
    assert!(!apis.function("fs", "exists").unwrap().is_registration());
    assert!(apis.function("fs", "watch").unwrap().is_registration());
    assert!(apis.function("zlib", "gzip").unwrap().is_awaitable());
}

#[test]
fn registrations_depend_on_receiver_and_number_of_arguments() {
    let apis = Apis::builtin();
    assert!(apis.is_registration("on", 2) && apis.is_registration("forEach", 1));
    assert!(!apis.is_registration("find", 2) && !apis.is_registration("get", 2) && !apis.is_registration("it", 2));
    assert!(apis.is_registration_on(None, "it", 2) && !apis.is_registration_on(Some("store"), "it", 2));
    assert!(apis.is_registration_on(Some("router"), "get", 2) && apis.is_registration_on(Some("userRouter"), "put", 3));
    assert!(!apis.is_registration_on(Some("app"), "get", 1), "it reads a setting");
    assert!(!apis.is_registration_on(Some("client"), "get", 2) && !apis.is_registration_on(None, "get", 2));
    assert!(apis.is_iterator("map") && !apis.is_iterator("readFile"));
}

#[test]
fn handlers_are_known_by_their_parameters() {
    let handler = |names: &[&str]| Apis::builtin().handler(names);
    assert_eq!(handler(&["req", "res"]), Some(Handler { kind: HandlerKind::Route, next: None }));
    assert_eq!(handler(&["_req", "res", "next"]), Some(Handler { kind: HandlerKind::Middleware, next: Some(2) }));
    let last = Handler { kind: HandlerKind::ErrorMiddleware, next: Some(3) };
    assert_eq!(handler(&["err", "req", "res", "next"]), Some(last));
    assert_eq!(handler(&["err", "result"]), None);
}

#[test]
fn methods_are_known_by_who_made_the_receiver_or_by_its_name() {
    let apis = Apis::builtin();
    let client = apis.made_by("redis", "createClient").unwrap();
    assert_eq!(client.method("hgetall").unwrap().form, Form::Promisify);
    assert!(client.method("on").is_none());
    assert_eq!(apis.made_by("mongodb", "Db.collection").unwrap().name, "Collection");
    assert_eq!(apis.method("redisClient", "get"), client.method("get"));
    assert_eq!(apis.method("_usersCollection", "findOne").unwrap().results, Some(1));
    assert_eq!(apis.method("collection()", "findOne"), apis.method("coll", "findOne"));
    assert!(apis.method("thing", "get").is_none());
}

#[test]
fn a_newer_form_needs_a_version_that_has_it() {
    let form = |range: &str| {
        let package = format!("{{\"dependencies\": {{\"fs-extra\": \"{range}\", \"pg\": \"^8.0.0\"}}}}");
        let apis = Apis::builtin().clone().for_versions(&Versions::of_package_json(&package));
        assert_eq!(apis.made_by("pg", "Pool").unwrap().method("query").unwrap().form, Form::Itself);
        apis.function("fs-extra", "readJson").unwrap().form.clone()
    };
    assert_eq!(Apis::builtin().function("fs-extra", "readJson").unwrap().form, Form::Promisify);
    assert_eq!(form("^0.30.0"), Form::Promisify);
    assert_eq!(form("*"), Form::Promisify);
    assert_eq!(form("^9.1.0"), Form::Itself);
}

#[test]
fn a_configuration_goes_over_the_table() {
    let apis = Apis::load(
        "[[api]]\nmodule = \"fs\"\nnames = [\"stat\"]\nform = \"none\"\n\n[[api]]\nmodule = \"./store\"\nnames = [\"load\"]\n\
         form = \"named\"\npromise = \"loadAsync\"\n\n[[registration]]\nnames = [\"whenever\"]\n",
    )
    .unwrap();
    assert_eq!(apis.function("fs", "stat").unwrap().form, Form::None);
    assert_eq!(apis.function("fs", "lstat").unwrap().form, Form::Promises);
    assert_eq!(apis.function("./store", "load").unwrap().form, Form::Named("loadAsync".into()));
    assert!(apis.is_registration("whenever", 3) && !Apis::builtin().is_registration("whenever", 3));
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_with_its_line() {
    let error = |text: &str| {
        let ConfigError { line, message } = Apis::load(text).unwrap_err();
        (line, message)
    };
    let api = "[[api]]\nmodule = \"m\"\nnames = [\"f\"]\n";
    let (line, message) = error(&format!("{api}frm = \"none\"\n"));
    assert!(line == 4 && message.contains("`frm`"), "{line}: {message}");
    let (line, message) = error("\n[[apis]]\n");
    assert!(line == 2 && message.contains("`apis`"), "{line}: {message}");
    let (line, message) = error(&format!("{api}form = \"promisfy\"\n"));
    assert!(line == 4 && message.contains("`promisfy`"), "{line}: {message}");
    let (line, message) = error(&format!("{api}results = -1\n"));
    assert!(line == 4, "{line}: {message}");
    let (line, message) = error("[[api]]\nmodule = 'm\n");
    assert!(line == 2, "{line}: {message}");
    assert_eq!(error(&format!("# rows\n{api}\n{api}")).1, "`f` has a row already");
    assert_eq!(error(&format!("# rows\n{api}keys = [\"a\"]\n")), (2, "`keys` goes with form \"object\"".into()));
    assert_eq!(error(&format!("{api}class = \"C\"\n")), (1, "there is no class `C` of `m`".into()));
    assert_eq!(error(&format!("{api}void = true\nresults = 2\n")).1, "`void` says that there are no `results`");
}
