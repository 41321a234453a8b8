//! The reasons for leaving code as it is. Every one has a stable code, which scripts may depend on, and an
//! explanation, which `unpyramid explain CODE` prints.

use std::ops::Range;

/// A reason for leaving a candidate alone, and the code that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason.
    pub code: RefusalCode,
    /// The bytes of the file that caused it.
    pub range: Range<usize>,
}

impl Refusal {
    /// A refusal that blames `range`.
    pub fn new(code: RefusalCode, range: Range<usize>) -> Self {
        Self { code, range }
    }
}

/// Declares [`RefusalCode`] with the code, the one-sentence message and the explanation of each variant side by
/// side, so that none can be missing.
macro_rules! refusals {
    ($( $variant:ident, $code:literal, $message:literal, $explanation:literal; )*) => {
        /// A kind of reason for leaving code as it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RefusalCode { $( #[doc = $message] $variant, )* }

        impl RefusalCode {
            /// Every code, in alphabetical order of the codes.
            pub const ALL: &[Self] = &[ $( Self::$variant, )* ];

            /// The stable code, in kebab case.
            pub fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }

            /// The reason in one sentence.
            pub fn message(self) -> &'static str {
                match self { $( Self::$variant => $message, )* }
            }

            /// Why it matters and what a person can do, for `explain`.
            pub fn explanation(self) -> &'static str {
                match self { $( Self::$variant => $explanation, )* }
            }
        }
    };
}

refusals! {
    Accessor, "accessor", "A getter or setter can't be async.",
        "An accessor hands its value over at once; `async get` does not parse. Turn it into a method first.";
    AwaitInExpression, "await-in-expression", "The awaited chain is only a part of a larger expression.",
        "Its steps would become statements, and what stands left of it in the same expression would then run after them. \
         Give the awaited value a name first: `const value = await …;`.";
    AwaitIsAName, "await-is-a-name", "The function uses `await` as a name.",
        "Inside an async function `await` is a keyword. Rename the variable first.";
    BrokenRewrite, "broken-rewrite", "The rewritten code did not stand up to being checked.",
        "Every result is parsed again, and this one had an error that was not there before, so it was thrown away. \
         That is a fault in unpyramid rather than in your code; please report it.";
    CommentWouldBeLost, "comment-would-be-lost", "A comment stands where the rewritten code has no place for it.",
        "A rewrite keeps every comment. Move this one to a line of its own and try again.";
    Constructor, "constructor", "A constructor can't be async.",
        "`new` hands over the object at once. Move the asynchronous part into a method or a static factory.";
    DetachedChain, "detached-chain", "Nobody waits for this chain.",
        "The function goes on while the chain runs. Awaiting it here would make the function wait, which changes when \
         everything after it happens. Return or await the chain if it should be waited for.";
    Directive, "directive", "A handler has a directive of its own.",
        "A directive such as \"use strict\" counts only at the top of a function body; moving the body would switch it off.";
    ExtraParameter, "extra-parameter", "A handler has further parameters that it uses.",
        "A promise hands over one value; the other parameters are always `undefined`, which is probably a mistake.";
    Generator, "generator", "A generator can't become async.",
        "`async function*` is another kind of function, with another kind of result.";
    HandlerMayBeMissing, "handler-may-be-missing", "A handler that is not certainly a function.",
        "`.then(value)` passes a value that is not a function over and hands the result on. A call would throw instead.";
    HandlersRejoin, "handlers-rejoin", "Both handlers of a two-argument `.then` flow into a further step.",
        "Success and failure take different ways and meet again after it, which async/await can't say without a flag.";
    InsideTry, "inside-try", "The chain is returned from inside a `try`.",
        "`return promise` leaves the `try` before the promise settles, so `catch` never sees its rejection. With `await` \
         inside, it would.";
    LibraryPromise, "library-promise", "The file uses another promise library.",
        "An async function returns a native promise; a caller may rely on methods that only the library's promises have.";
    NameClash, "name-clash", "A name in a handler means something else where its code would go.",
        "No rename was found that keeps every reference at its declaration.";
    NotAPromise, "not-a-promise", "It has a `.then`, but it is not a promise.",
        "Command queues of UI test drivers and jQuery deferreds have a `then` of their own, with rules of their own.";
    NotUtf8, "not-utf8", "The code holds bytes that are not UTF-8.",
        "Text in an unknown encoding can't be moved without re-encoding it. Convert the file to UTF-8 first.";
    PromiseAsValue, "promise-as-value", "The promise itself is kept or passed on.",
        "The chain is stored or handed to another function, so there is no point in this function at which it could be awaited.";
    ReassignedHandler, "reassigned-handler", "A handler's name may mean another function by the time the step runs.",
        "A chain takes its handlers when it is built; a call looks the name up when it is reached.";
    ReturnInLoop, "return-in-loop", "A step returns early from inside a loop, a `switch` or a `try`.",
        "Later steps follow, so its `return` can't become the function's, and no branch can express it.";
    ReturnsNonPromise, "returns-non-promise", "Another path of the function does not return a promise.",
        "An async function always returns a promise. A caller that gets a plain value today would get a promise.";
    ReturnType, "return-type", "The declared return type is not `Promise<…>`.",
        "TypeScript wants an async function to be declared as returning the global `Promise`.";
    SelfReference, "self-reference", "A handler refers to itself by name.",
        "Once its body is part of the function around it, there is nothing left to call.";
    SyncConsumer, "sync-consumer", "The caller uses the function's result at once, or ignores it.",
        "An effect, a listener, a timer or an array method such as `sort` or `filter` does not wait for a promise; an \
         error thrown early would no longer reach it.";
    SyntaxError, "syntax-error", "The code around it does not parse.",
        "Nothing is rewritten inside, or in a function around, code that the parser does not understand.";
    TestDone, "test-done", "The function is a test with a `done` callback.",
        "Test runners reject a test that both takes `done` and returns a promise.";
    TooDeep, "too-deep", "The steps are nested too deeply.",
        "More than a hundred levels of handlers are left to a person.";
    UnboundMethod, "unbound-method", "A method is passed as a handler without its object.",
        "`.then(store.save)` calls `save` with no `this`. Written as a call it would get one.";
    UsesThis, "uses-this", "A `function` handler uses its own `this`, `arguments`, or `new.target`.",
        "They would mean those of the function around it once the handler's body stands there.";
}

#[cfg(test)]
mod tests {
    use super::RefusalCode;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut codes: Vec<_> = RefusalCode::ALL.iter().map(|c| c.code()).collect();
        assert!(codes.iter().all(|c| c.chars().all(|ch| ch.is_ascii_lowercase() || ch == '-' || ch.is_ascii_digit())));
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
