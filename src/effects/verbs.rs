//! What the name of a function says about it, where nothing better is known.

/// What a verb says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It looks something up and changes nothing.
    Reads,
    /// It changes something.
    Writes,
    /// It makes something.
    Makes,
    /// It fails where what follows must not start.
    Checks,
    /// It lets time pass.
    Waits,
    /// It puts something in order for what follows: a lock, a connection.
    Prepares,
}

/// Verbs of functions that look something up, or work something out.
pub const READS: &[&str] = &[
    "analyze",
    "calculate",
    "collect",
    "compare",
    "compute",
    "count",
    "decode",
    "derive",
    "describe",
    "deserialize",
    "detect",
    "determine",
    "diff",
    "discover",
    "download",
    "encode",
    "escape",
    "estimate",
    "exists",
    "expand",
    "extract",
    "fetch",
    "filter",
    "find",
    "flatten",
    "format",
    "gather",
    "get",
    "glob",
    "grab",
    "group",
    "has",
    "hash",
    "identify",
    "infer",
    "inspect",
    "is",
    "iterate",
    "join",
    "list",
    "load",
    "locate",
    "lookup",
    "ls",
    "lstat",
    "map",
    "measure",
    "normalize",
    "parse",
    "peek",
    "pick",
    "preview",
    "query",
    "quote",
    "read",
    "readdir",
    "render",
    "request",
    "resolve",
    "retrieve",
    "scan",
    "search",
    "select",
    "serialize",
    "show",
    "sort",
    "split",
    "stat",
    "stringify",
    "sum",
    "to",
    "tokenize",
    "transform",
    "tree",
    "trim",
    "unwrap",
    "wrap",
];

/// Verbs of functions that change something.
pub const WRITES: &[&str] = &[
    "abort",
    "accept",
    "acquire",
    "add",
    "advance",
    "append",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "book",
    "broadcast",
    "bump",
    "cancel",
    "change",
    "charge",
    "checkout",
    "chmod",
    "chown",
    "clean",
    "cleanup",
    "clear",
    "click",
    "close",
    "commit",
    "complete",
    "confirm",
    "consume",
    "copy",
    "cp",
    "deactivate",
    "debit",
    "decrement",
    "del",
    "delete",
    "deliver",
    "deploy",
    "dequeue",
    "destroy",
    "detach",
    "disable",
    "dispatch",
    "drop",
    "dump",
    "emit",
    "empty",
    "enable",
    "end",
    "enqueue",
    "exec",
    "execute",
    "expire",
    "fill",
    "finish",
    "flush",
    "goto",
    "grant",
    "handle",
    "import",
    "incr",
    "increment",
    "insert",
    "install",
    "invoke",
    "kill",
    "link",
    "log",
    "mark",
    "merge",
    "mkdir",
    "mkdirp",
    "modify",
    "move",
    "mutate",
    "mv",
    "navigate",
    "next",
    "notify",
    "order",
    "outdent",
    "overwrite",
    "patch",
    "pay",
    "persist",
    "pop",
    "post",
    "press",
    "print",
    "process",
    "produce",
    "provision",
    "publish",
    "purge",
    "push",
    "put",
    "queue",
    "receive",
    "record",
    "refresh",
    "refund",
    "register",
    "reject",
    "release",
    "reload",
    "remove",
    "rename",
    "replace",
    "report",
    "reserve",
    "reset",
    "restart",
    "restore",
    "resume",
    "retry",
    "revoke",
    "rm",
    "rmdir",
    "rollback",
    "rotate",
    "run",
    "save",
    "schedule",
    "seed",
    "send",
    "set",
    "shift",
    "ship",
    "shutdown",
    "spawn",
    "splice",
    "start",
    "stop",
    "store",
    "submit",
    "subscribe",
    "symlink",
    "sync",
    "take",
    "tap",
    "terminate",
    "toggle",
    "touch",
    "trigger",
    "truncate",
    "type",
    "unlink",
    "unregister",
    "unset",
    "unshift",
    "unsubscribe",
    "update",
    "upgrade",
    "upload",
    "upsert",
    "use",
    "withdraw",
    "write",
];

/// Verbs of functions that make something: with an `await`, somewhere outside; without, in memory.
pub const MAKES: &[&str] =
    &["build", "clone", "compile", "create", "from", "generate", "instantiate", "make", "new", "of"];

/// Verbs of functions that fail where what follows must not start.
pub const CHECKS: &[&str] = &[
    "access",
    "allow",
    "assert",
    "authenticate",
    "authorise",
    "authorize",
    "can",
    "check",
    "expect",
    "guard",
    "require",
    "should",
    "throw",
    "validate",
    "verify",
];

/// Verbs of functions that let time pass.
pub const WAITS: &[&str] = &["await", "delay", "pause", "poll", "sleep", "throttle", "timeout", "wait"];

/// Verbs of functions that put something in order for what follows.
pub const PREPARES: &[&str] = &[
    "begin",
    "block",
    "bootstrap",
    "connect",
    "ensure",
    "init",
    "initialise",
    "initialize",
    "lock",
    "login",
    "logout",
    "migrate",
    "open",
    "prepare",
    "setup",
    "unlock",
];

/// Words before a verb that say nothing about what is done: `tryGetUser`.
const FILLERS: &[&str] = &["async", "do", "internal", "maybe", "private", "raw", "safe", "safely", "try"];

/// What comes of several calls in a row of a reader that moves on: `getNext`, `readLine`.
const MOVING: &[&str] = &["chunk", "line", "next", "token"];

/// What asks for a place of one's own, which is then held: `getConnection`.
const HELD: &[&str] = &["connection", "lock", "transaction"];

/// What a function's name says, if it begins with a known verb.
pub fn verb(name: &str) -> Option<Verb> {
    let words = words(name);
    let skipped = words.iter().take_while(|w| FILLERS.contains(&w.as_str())).count();
    let (first, rest) = words[skipped..].split_first()?;
    let verb = of_word(first)?;
    if verb == Verb::Reads {
        // `findAndRemove`, `getOrCreate`
        let joined = rest.windows(2).any(|pair| {
            matches!(pair[0].as_str(), "and" | "or") && of_word(&pair[1]).is_some_and(|v| v != Verb::Reads)
        });
        if joined || rest.iter().any(|w| MOVING.contains(&w.as_str())) {
            return Some(Verb::Writes);
        }
        if rest.iter().any(|w| HELD.contains(&w.as_str())) {
            return Some(Verb::Prepares);
        }
    }
    Some(verb)
}

/// What a word says as the first of a name, in lower case.
fn of_word(word: &str) -> Option<Verb> {
    let in_list = |list: &[&str]| list.binary_search(&word).is_ok();
    let all = [
        (READS, Verb::Reads),
        (WRITES, Verb::Writes),
        (MAKES, Verb::Makes),
        (CHECKS, Verb::Checks),
        (WAITS, Verb::Waits),
        (PREPARES, Verb::Prepares),
    ];
    all.into_iter().find(|(list, _)| in_list(list)).map(|(_, verb)| verb)
}

/// The words of a name in camel case, snake case or kebab case, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, c) in chars.iter().enumerate() {
        let is_start = c.is_uppercase()
            && index > 0
            && (!chars[index - 1].is_uppercase() || chars.get(index + 1).is_some_and(|n| n.is_lowercase()));
        if is_start || !c.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Names of objects that have a state of their own, so that the order of what is done with them counts: pages of a
/// browser, cursors, transactions, sessions, streams.
pub const STATEFUL: &[&str] = &[
    "browser",
    "channel",
    "cursor",
    "cy",
    "device",
    "driver",
    "element",
    "frame",
    "generator",
    "iter",
    "iterator",
    "keyboard",
    "locator",
    "lock",
    "mouse",
    "mutex",
    "page",
    "pipeline",
    "popup",
    "queue",
    "reader",
    "rl",
    "semaphore",
    "session",
    "shell",
    "socket",
    "stream",
    "tab",
    "terminal",
    "transaction",
    "trx",
    "tx",
    "txn",
    "walker",
    "webdriver",
    "window",
    "worker",
    "writer",
    "ws",
];

/// What logs are called.
pub const LOGS: &[&str] = &[
    "bunyan", "console", "debug", "log", "logger", "logging", "ora", "output", "pino", "reporter", "spinner", "winston",
];

/// What is done with a log.
pub const LEVELS: &[&str] = &[
    "debug", "error", "fatal", "http", "info", "log", "notice", "perf", "print", "say", "section", "silly", "step",
    "success", "trace", "verbose", "warn", "warning",
];

/// Those of [`STATEFUL`] that several may look at at the same time, as long as nobody changes anything: what drives a browser.
pub const VIEWED: &[&str] =
    &["browser", "device", "driver", "element", "frame", "locator", "page", "popup", "tab", "webdriver", "window"];

/// Whether something of that name keeps what would else be worked out again, so that who fills it does not matter.
pub fn is_cache(name: &str) -> bool {
    words(name).iter().any(|w| matches!(w.as_str(), "cache" | "cached" | "caches" | "memo" | "memoized"))
}

/// Whether several may look at an object of that name at the same time.
pub fn is_viewed(name: &str) -> bool {
    words(name).last().is_some_and(|word| VIEWED.contains(&word.as_str()))
}

/// Whether an option of that name holds a transaction.
pub fn is_transaction(name: &str) -> bool {
    words(name).last().is_some_and(|word| matches!(word.as_str(), "transaction" | "trx" | "tx" | "txn"))
}

/// Whether an object of that name has a state of its own: its last word says so, as in `adminPage`.
pub fn is_stateful(name: &str) -> bool {
    // `I` is what drives the browser in CodeceptJS.
    name == "I" || words(name).last().is_some_and(|word| STATEFUL.binary_search(&word.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_no_verb_is_in_two() {
        for list in [READS, WRITES, MAKES, CHECKS, WAITS, PREPARES, STATEFUL] {
            assert!(list.is_sorted(), "{:?}", list.windows(2).find(|pair| pair[0] > pair[1]));
        }
        let mut all: Vec<_> = [READS, WRITES, MAKES, CHECKS, WAITS, PREPARES].concat();
        all.sort_unstable();
        assert_eq!(all.windows(2).find(|pair| pair[0] == pair[1]), None);
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("getHTTPResponse"), ["get", "http", "response"]);
        assert_eq!(words("_read_file-now"), ["read", "file", "now"]);
        assert_eq!(words("$"), [""; 0]);
    }

    #[test]
    fn the_first_word_says_what_is_done() {
        for (name, expected) in [
            ("getUser", Some(Verb::Reads)),
            ("get", Some(Verb::Reads)),
            ("_loadAll", Some(Verb::Reads)),
            ("tryFindOne", Some(Verb::Reads)),
            ("getter", None),
            ("findOrCreate", Some(Verb::Writes)),
            ("findOneAndUpdate", Some(Verb::Writes)),
            ("getNextRow", Some(Verb::Writes)),
            ("getConnection", Some(Verb::Prepares)),
            ("save", Some(Verb::Writes)),
            ("checkPermission", Some(Verb::Checks)),
            ("frobnicate", None),
            ("", None),
        ] {
            assert_eq!(verb(name), expected, "{name}");
        }
    }

    #[test]
    fn the_last_word_of_a_receiver_says_what_it_is() {
        assert!(is_stateful("adminPage"));
        assert!(is_stateful("trx"));
        assert!(!is_stateful("pageSize"));
    }
}
