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
    AdapterDoesMore, "adapter-does-more", "The callback form does more than hand over to the async function.",
        "A check, a default or a receiver of its own is a part of how it behaves, which its callers may rely on. Move that to \
         the async function first.";
    AlreadyStarted, "already-started", "The promises in this list are under way already.",
        "The loop only waits for them, one after the other, and while it waits for one, the failure of another is an \
         unhandled rejection. `await Promise.all(list)` waits for all of them.";
    AwaitInExpression, "await-in-expression", "The awaited chain is only a part of a larger expression.",
        "Its steps would become statements, and what stands left of it in the same expression would then run after them. \
         Give the awaited value a name first: `const value = await …;`.";
    AwaitIsAName, "await-is-a-name", "The function uses `await` as a name.",
        "Inside an async function `await` is a keyword. Rename the variable first.";
    BatchQuery, "batch-query", "One query could ask for all of them.",
        "Gather the ids, ask once (`WHERE id IN (…)`, `findMany`, a join), and look the answers up in a `Map`. Where the calls \
         are scattered, a DataLoader gathers those of one turn. What the query looks like only the schema can tell.";
    BatchedLoop, "batched-loop", "The loop goes in steps of more than one.",
        "It probably works on one batch after the other already.";
    BrokenRewrite, "broken-rewrite", "The rewritten code did not stand up to being checked.",
        "Every result is parsed again, and this one had an error that was not there before, so it was thrown away. \
         That is a fault in unpyramid rather than in your code; please report it.";
    CallResultUsed, "call-result-used", "The call's own return value is used.",
        "The call hands its result to a callback, and returns something else that the code keeps: a child process, a \
         request. A promise would take its place.";
    CallbackEscapes, "callback-escapes", "The callback is kept, or called by code that runs at some other time.",
        "Listeners, queues and counters call it when they see fit, so there is no point at which the function returns.";
    CallbackInsideTry, "callback-inside-try", "The call, or the callback's error, stands inside a `try` whose `catch` does not see it today.",
        "With `await`, or as a `throw`, it would be caught there.";
    CallbackNotInPlace, "callback-not-in-place", "The callback is not written in place.",
        "What it does with the error and the result stands somewhere else. Write it where it is passed, or promisify the \
         call by hand.";
    CallbackNotLast, "callback-not-last", "The callback is not the last argument.",
        "`util.promisify` passes the callback behind all other arguments. Write a small function that reorders them.";
    CalleeRunsOn, "callee-runs-on", "The called function goes on after it has called back.",
        "What it does then comes after the code of the callback today, and would come before it. Let it call back last.";
    CalleeThrows, "callee-throws", "The called function may throw at once, which is none of the failures that are handled here.",
        "Behind an `await` in a `try`, what it throws would be handled like an error that it calls back with. Let it call back \
         with that as well.";
    CallsBackTwice, "calls-back-twice", "On some path the function calls its callback twice.",
        "Whoever waits for the callback goes on twice. A promise is settled once, so the second call would be lost. It is \
         probably a forgotten `return` in front of the first one.";
    CarriedValue, "carried-value", "A round needs what another one has left behind.",
        "A cursor, a running state, a variable that lives on behind the loop: the rounds have to follow each other.";
    CommentWouldBeLost, "comment-would-be-lost", "A comment stands where the rewritten code has no place for it.",
        "A rewrite keeps every comment. Move this one to a line of its own and try again.";
    ComplexCallee, "complex-callee", "What is called is no plain name or method.",
        "A method has to be bound to its object, which has to be evaluated once. Give the object a name first. In `load<User>(…)`, \
         the types would be lost.";
    Constructor, "constructor", "A constructor can't be async.",
        "`new` hands over the object at once. Move the asynchronous part into a method or a static factory.";
    CountedResults, "counted-results", "Whoever is called back may count what it gets.",
        "The function is called by something unknown, to which `callback()` may mean something else than `callback(null, undefined)`. \
         Hand over a result, or none, on all paths.";
    DeclaredTwice, "declared-twice", "The callback form is declared more than once.",
        "Which of the declarations is meant depends on when the code runs, or one of them is only a signature.";
    DetachedCallback, "detached-callback", "Nobody waits for this call.",
        "The function goes on while the call runs, and its own outcome does not depend on it. Awaiting it here would make \
         the function wait.";
    DetachedChain, "detached-chain", "Nobody waits for this chain.",
        "The function goes on while the chain runs. Awaiting it here would make the function wait, which changes when \
         everything after it happens. Return or await the chain if it should be waited for.";
    Directive, "directive", "A handler has a directive of its own.",
        "A directive such as \"use strict\" counts only at the top of a function body; moving the body would switch it off.";
    Disposal, "disposal", "What `using` declares would be disposed of at another time.",
        "It is disposed of where its block ends. Once the block waits, that is later, and others see it in use; moved to another \
         block, it ends with that one. Await in the block first if it should be kept until then.";
    DroppedError, "dropped-error", "The callback never looks at its error.",
        "On failure the promise is fulfilled with nothing, or stays pending, and nobody learns why. Decide what a failure \
         should do: most likely `if (err) return reject(err);`.";
    ErrorWithResult, "error-with-result", "A result is handed over along with an error.",
        "A promise is either fulfilled or rejected; whoever looks at the result of a failed call would no longer find it.";
    ExitsEarly, "exits-early", "A round may end the loop.",
        "A `break` or `return` in it keeps the later rounds from being started, and all at once they would be.";
    ExtraParameter, "extra-parameter", "A handler has further parameters that it uses.",
        "A promise hands over one value; the other parameters are always `undefined`, which is probably a mistake.";
    Generator, "generator", "A generator can't become async.",
        "`async function*` is another kind of function, with another kind of result.";
    HandedOn, "handed-on", "The callback is only handed on.",
        "Nothing is nested here, so nothing would become plainer. Call the other function's promise form where this one is used.";
    HandlerMayBeMissing, "handler-may-be-missing", "A handler that is not certainly a function.",
        "`.then(value)` passes a value that is not a function over and hands the result on. A call would throw instead.";
    HandlersRejoin, "handlers-rejoin", "Both handlers of a two-argument `.then` flow into a further step.",
        "Success and failure take different ways and meet again after it, which async/await can't say without a flag.";
    InnerLoop, "inner-loop", "The code around already runs for several items at once.",
        "A second bound inside the first one would multiply: eight times eight calls at once.";
    IndirectCallback, "indirect-callback", "The callback is reached in a way that is not followed.",
        "It is a property of something, an element of a list, or a choice between two functions, or it is called by `?.()`. Make \
         it a parameter, and call it by its name.";
    InsideSwitch, "inside-switch", "The callback is called, or handed on, inside a `switch`.",
        "Only the branches of an `if` are taken apart. A `return` in front of each call of the callback will do where it is \
         only called; write the `switch` as `if`s where something else is to call it.";
    InsideTry, "inside-try", "The chain is returned from inside a `try`.",
        "`return promise` leaves the `try` before the promise settles, so `catch` never sees its rejection. With `await` \
         inside, it would.";
    LabelledBody, "labelled-body", "The braces behind an arrow are a block with a label, not an object.",
        "`x => { id: x }` returns nothing. If it was meant to return an object, it needs parentheses: `x => ({ id: x })`.";
    LabelledJump, "labelled-jump", "A jump with a label goes through the loop.",
        "A round that becomes a function of its own can't jump to a label outside.";
    LazySource, "lazy-source", "The list is made while the loop goes through it.",
        "A generator goes on only when it is asked for the next item. To ask for all of them at once changes when it does \
         what, and one that never ends would never be through.";
    LibraryPromise, "library-promise", "The file uses another promise library.",
        "An async function returns a native promise; a caller may rely on methods that only the library's promises have.";
    LoopForm, "loop-form", "The head of the loop does not say what its rounds are.",
        "A `for … of`, a `for … in`, and a `for` that counts from 0 up to a length by one can be seen as a list.";
    ManyResults, "many-results", "The callback uses more than one result.",
        "A promise has one value. `util.promisify` keeps the first result and drops the others.";
    MayMeet, "may-meet", "A call may end only when those for other items are under way.",
        "Servers that look for each other, the two ends of a connection: with a bound they may wait for one that is not started. \
         Bound it by hand if they do not.";
    NameClash, "name-clash", "A name in a handler means something else where its code would go.",
        "No rename was found that keeps every reference at its declaration.";
    NeverSettles, "never-settles", "On some path the promise never settles.",
        "Whoever waits for it waits for ever. It is probably a forgotten `resolve` or `reject`; what it should be can't be \
         told from the code.";
    NoLimiter, "no-limiter", "There is no function at hand that would bound how many run at once.",
        "The package depends on neither p-map nor p-limit, and a helper can't be made for this file: it belongs to no \
         package, or it is of another module kind or language than the rest of it.";
    NotAPromise, "not-a-promise", "It has a `.then`, but it is not a promise.",
        "Command queues of UI test drivers and jQuery deferreds have a `then` of their own, with rules of their own. In a file \
         that drives one, whatever is not certainly a native promise may be a command.";
    NotAnArray, "not-an-array", "It may be something else than an array.",
        "A stream or a database's cursor waits for what its `forEach` is handed, and a `Map` or a `Set` has no `map`.";
    NotErrorFirst, "not-error-first", "The callback is not called with an error first.",
        "The function that is called passes something else as the first argument, so `util.promisify` would reject with \
         a result.";
    NotInAsyncFunction, "not-in-async-function", "The function around is not async, so it can't wait.",
        "Make it async first, and let its callers wait for it.";
    NotUtf8, "not-utf8", "The code holds bytes that are not UTF-8.",
        "Text in an unknown encoding can't be moved without re-encoding it. Convert the file to UTF-8 first.";
    OnlyRecovers, "only-recovers", "The chain has no step, only a handler for a failure.",
        "`promise.then(null, handler)` is `promise.catch(handler)`: there is nothing to put in a row.";
    OrderedEffects, "ordered-effects", "One call has to have ended before the other starts.",
        "One of them changes what the other uses, or changes the world while the other may yet fail, or is a check, a lock or a \
         pause that the other counts on, or both use something that has a state of its own, such as a transaction or a page of \
         a browser.";
    PacedLoop, "paced-loop", "The loop pauses on purpose.",
        "A `sleep` between rounds limits a rate, or gives something time. Rounds that overlap would undo that.";
    PathNeverCallsBack, "path-never-calls-back", "On some path the function never calls its callback.",
        "Whoever waits for the callback waits for ever there, while a promise would be fulfilled with nothing. It is \
         probably a forgotten call; what it should hand over can't be told from the code.";
    Polling, "polling", "The loop waits for something to become true.",
        "Each round asks again; there is nothing to do in parallel.";
    PromiseAsCondition, "promise-as-condition", "A promise is taken for the answer that it promises.",
        "Every promise is true. Wait for all the answers first: `const keep = await Promise.all(list.map(test))`, then \
         `list.filter((_, i) => keep[i])`.";
    PromiseAsResult, "promise-as-result", "The callback is handed a promise as its result.",
        "An async function that returns a promise hands over what it is fulfilled with.";
    PromiseAsValue, "promise-as-value", "The promise itself is kept or passed on.",
        "It is stored or handed to another function, so there is no point in this function at which it could be awaited. What a \
         round of a loop leaves outside, nobody may look at any more when another round fails.";
    ReachableFromOutside, "reachable-from-outside", "Code outside the file may get hold of the callback form.",
        "It is exported, or a member of something. A migration of the whole project removes what is exported where no file \
         uses it and the package does not show it; of the rest that can't be told. Remove it by hand when you know.";
    RealPromiseConstructor, "real-promise-constructor", "The promise is settled from more than one place, or by code that is called later.",
        "Listeners, timers and stored `resolve` functions are what `new Promise` is for. Leave it, or take the part that \
         is only a wrapper out into a function of its own.";
    ReassignedHandler, "reassigned-handler", "A handler's name may mean another function by the time the step runs.",
        "A chain takes its handlers when it is built; a call looks the name up when it is reached.";
    ReliedOnAtOnce, "relied-on-at-once", "A caller relies on the callback being called before the function returns.",
        "A function that returns a value right after this one's callback has run would return it too early once the callback \
         runs on a later turn.";
    ResultType, "result-type", "The promise is resolved without a value, and its declared type asks for one.",
        "`resolve()` passes for any type, and running off the end of an async function only for `void` and `any`. Declare the \
         promise as what it is, a `Promise<void>`.";
    RetryLoop, "retry-loop", "The loop tries again until it succeeds.",
        "The next attempt is wanted only if this one fails.";
    ReturnInLoop, "return-in-loop", "A step returns early from inside a loop, a `switch` or a `try`.",
        "Later steps follow, so its `return` can't become the function's, and no branch can express it.";
    ReturnType, "return-type", "The declared return type is not `Promise<…>`.",
        "TypeScript wants an async function to be declared as returning the global `Promise`.";
    ReturnsNonPromise, "returns-non-promise", "Another path of the function does not return a promise.",
        "An async function always returns a promise. A caller that gets a plain value today would get a promise.";
    ReturnsValue, "returns-value", "The function returns a value at once, besides calling back.",
        "Whoever uses that value may rely on what has been done by then, which an `await` would put off.";
    RoundsOverlap, "rounds-overlap", "A round does something before it waits for the one in front of it.",
        "All rounds are started at once, and only their results are put together in a row. As a loop they would be started one \
         after the other. Say which of the two is meant: a loop, or `Promise.all` and a plain `reduce`.";
    RunsAfterCallback, "runs-after-callback", "Code runs after the callback has been called.",
        "Calling back does not end the function, `return` does. Put a `return` in front of the call if nothing else should \
         run, or move the code in front of it.";
    RunsAfterSettling, "runs-after-settling", "Code runs after the promise has been settled.",
        "`resolve` does not end the function, `return` does. Put a `return` behind `resolve` if nothing else should run, or \
         move the code in front of it.";
    SeenOnFailure, "seen-on-failure", "What is assigned here would be missing if a later call failed.",
        "The results of calls that are waited for together are assigned when all have ended. If one of them fails, none is, and \
         somebody who looks at the variable or the property then would see that. Assign all of them in the end.";
    SelfReference, "self-reference", "A handler refers to itself by name.",
        "Once its body is part of the function around it, there is nothing left to call.";
    SettledResults, "settled-results", "`Promise.allSettled` hands failures on as results.",
        "A limiter stops at the first failure. Let the mapper catch its own errors, or bound it by hand.";
    SettlesTwice, "settles-twice", "The promise is settled twice on one path.",
        "Only the first call counts, but the second one still evaluates its argument. It is probably a forgotten `return`.";
    StatementBetween, "statement-between", "A statement between the awaits can't be moved.",
        "It needs what is awaited before it, or could throw before the later call starts, and what follows needs it. Move it by \
         hand if it does not matter when it runs.";
    StatementsAfterCall, "statements-after-call", "Code follows the asynchronous call.",
        "It runs before the result arrives. Move it in front of the call if it does not depend on it.";
    StillCalled, "still-called", "The callback form is still used.",
        "Something calls it, hands it on, or makes a promise form of it that is not called with all of its arguments. Convert \
         that first.";
    StreamInstead, "stream-instead", "A stream would pass on what is there already.",
        "`pipeline(createReadStream(path), res)`, `readline`, `fs.copyFile`, `Readable.fromWeb(response.body)`. A stream may fail \
         when a part has been passed on, so it is for a person to say.";
    Stringified, "stringified", "The text of a function around it is used, so it runs where the file's names do not exist.",
        "A function that is sent to a browser page or another process can't use an import of the file that it is written in.";
    SyncConsumer, "sync-consumer", "The caller uses the function's result at once, or ignores it.",
        "An effect, a listener, a timer or an array method such as `sort` or `filter` does not wait for a promise; an \
         error thrown early would no longer reach it.";
    SyntaxError, "syntax-error", "The code around it does not parse.",
        "Nothing is rewritten inside, or in a function around, code that the parser does not understand, or a block that it \
         takes for an object.";
    TasksNotPlain, "tasks-not-plain", "The tasks are not plain functions that are written in place.",
        "A function of the `async` library is taken apart if its tasks are a literal list or object of function literals, \
         or its iteratee is a function literal, each with its callback as the last parameter. Write them where they are \
         passed, or promisify the call as a whole.";
    TestDone, "test-done", "The function is a test with a `done` callback.",
        "Test runners reject a test that both takes `done` and returns a promise.";
    TestScript, "test-script", "The awaits are the steps of a test.",
        "A test goes through its steps in an order that is a part of what it tests, also where the steps do not show it.";
    ThrowInsideTry, "throw-inside-try", "A `reject` stands inside a `try` that would catch it.",
        "As a `throw` it would be caught by the `catch` clause around it, which it passes by today.";
    TooDeep, "too-deep", "The steps are nested too deeply.",
        "More than a hundred levels of handlers are left to a person.";
    UnboundMethod, "unbound-method", "A method is passed as a handler without its object.",
        "`.then(store.save)` calls `save` with no `this`. Written as a call it would get one.";
    UnknownEffects, "unknown-effects", "What a call reads and writes is not known.",
        "It has no body in the project, is not in the table of known APIs, and its name does not begin with a verb that tells. \
         Say what it does in `unpyramid.toml`, or give it a name that does.";
    UnusualErrorCheck, "unusual-error-check", "The error is not checked by `if (err)` first.",
        "`util.promisify` rejects if the error is truthy and looks at nothing else. A check that asks something different, or \
         comes later, can't be expressed by it.";
    UsedAtOnce, "used-at-once", "The result is handed to a call before the next call starts.",
        "That call would come after the other one has started. Give the awaited value a name, and make the call when all are \
         there, if it does not matter when it is made.";
    UsesThis, "uses-this", "A `function` handler uses its own `this`, `arguments`, or `new.target`.",
        "They would mean those of the function around it once the handler's body stands there.";
    WaitsForNothing, "waits-for-nothing", "The async function waits for nothing.",
        "It has come to its end when it returns, so there is nothing that the code around could wait for. Without `async`, \
         what it throws is thrown where it is called.";
    WorkList, "work-list", "The list changes while the loop goes through it.",
        "A round may add items or take some away, so the list is not known when the loop starts.";
    YieldInLoop, "yield-in-loop", "The loop hands values out as it goes.",
        "A generator waits in each round until the next value is asked for.";
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
