//! The lowered form: the few kinds of statement that async code is made of once its steps are in a row.

use std::ops::Range;

use super::Text;
use crate::semantic::BindingId;

/// An expression on its way to the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its code.
    pub text: Text,
    /// Whether it may be a promise, so that a step that follows has to await it.
    pub may_be_promise: bool,
    /// Whether it binds looser than a unary operator, so that `await` needs parentheses around it.
    pub loose: bool,
    /// Whether leaving it out changes nothing but its value: a name, a literal.
    pub pure: bool,
    /// For `condition && call()`: the condition in parentheses, and the right side, awaited where it has to be.
    pub guard: Option<Box<(Text, Text)>>,
    /// For the name of a variable that is never assigned: the variable.
    pub alias: Option<BindingId>,
    /// For the literal of a list or an object: where it stands.
    pub literal: Option<Range<usize>>,
    /// The annotation of the type that it is declared to have, with its colon, or nothing.
    pub declared: Text,
}

impl Value {
    /// A name or another expression that can be read without any effect and is no promise.
    pub fn plain(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            may_be_promise: false,
            loose: false,
            pure: true,
            guard: None,
            alias: None,
            literal: None,
            declared: Text::default(),
        }
    }

    /// A call, or anything else of which nothing is known.
    pub fn unknown(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            may_be_promise: true,
            loose: false,
            pure: false,
            guard: None,
            alias: None,
            literal: None,
            declared: Text::default(),
        }
    }

    /// What a step without a `return` comes to.
    pub fn nothing() -> Self {
        Self::plain("undefined")
    }

    /// Whether this is what a step without a `return` comes to.
    pub fn is_nothing(&self) -> bool {
        self.pure && self.text.as_str() == "undefined"
    }

    /// The code that yields the value itself: with `await` where it may be a promise.
    pub fn awaited(&self) -> Text {
        if !self.may_be_promise {
            return self.text.clone();
        }
        let mut text = Text::from(if self.loose { "await (" } else { "await " });
        text.push(&self.text);
        if self.loose {
            text.push_str(")");
        }
        text
    }
}

/// How a binding is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// `const`
    Const,
    /// `let`
    Let,
    /// `var`
    Var,
}

impl Keyword {
    /// The keyword as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Const => "const",
            Self::Let => "let",
            Self::Var => "var",
        }
    }
}

/// A `catch` clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catch {
    /// What the error is bound to.
    pub parameter: Text,
    /// The clause's statements.
    pub body: Vec<Stmt>,
}

/// A statement of the lowered form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stmt {
    /// Statements or comments taken from the source, as they are.
    Source(Text),
    /// One `if` statement taken from the source, as it is.
    Branch(Text),
    /// A comment on the line that the statement before ends on.
    Trailing(String),
    /// Empty lines as they stand in the file, from the end of the line in front to the start of the one behind; one as the
    /// file's style has it where there is nothing.
    Blank(String),
    /// `const target = value;`
    Bind {
        /// `const`, `let` or `var`.
        keyword: Keyword,
        /// A name or a pattern, with its type where it has one.
        target: Text,
        /// The right side, complete: with `await` if it is to be awaited.
        value: Text,
    },
    /// `let target;`
    Declare {
        /// `let` or `var`.
        keyword: Keyword,
        /// A name, with its type where it has one.
        target: Text,
    },
    /// `target = value;`
    Assign {
        /// What is assigned to.
        target: Text,
        /// The right side, complete.
        value: Text,
    },
    /// `value;`
    Expression(Text),
    /// `return value;` or `return;`
    Return(Option<Text>),
    /// `throw value;`
    Throw(Text),
    /// `if (condition) { … } else { … }`; an empty `otherwise` is not written.
    If {
        /// The condition, with its parentheses.
        condition: Text,
        /// Statements of the first branch.
        then: Vec<Self>,
        /// Statements of the second.
        otherwise: Vec<Self>,
    },
    /// `try { … } catch (e) { … } finally { … }`
    Try {
        /// Statements of the `try` block.
        body: Vec<Self>,
        /// The `catch` clause, if there is one.
        catch: Option<Catch>,
        /// The `finally` block, if there is one.
        finally: Option<Vec<Self>>,
    },
    /// `{ … }`
    Block(Vec<Self>),
}

impl Stmt {
    /// An empty line that stands nowhere in the file.
    pub const fn blank() -> Self {
        Self::Blank(String::new())
    }

    /// The space between what stands on two lines, where there is an empty line in it or blanks at the end of the first.
    pub fn gap(space: &str) -> Option<Self> {
        if !space.trim().is_empty() {
            return (space.matches('\n').count() > 1).then(Self::blank);
        }
        let lines = &space[..space.rfind('\n')? + 1];
        (!matches!(lines, "\n" | "\r\n")).then(|| Self::Blank(lines.to_owned()))
    }

    /// Whether control may go on behind a list of statements, as far as its own form tells: source text is
    /// expected to have been judged by whoever took it.
    pub fn list_completes(list: &[Self]) -> bool {
        let last = list.iter().rev().find(|s| !matches!(s, Self::Trailing(_) | Self::Blank(_)));
        match last {
            Some(Self::Return(_) | Self::Throw(_)) => false,
            Some(Self::If { then, otherwise, .. }) => {
                otherwise.is_empty() || Self::list_completes(then) || Self::list_completes(otherwise)
            }
            Some(Self::Try { body, catch, .. }) => {
                Self::list_completes(body) || catch.as_ref().is_some_and(|c| Self::list_completes(&c.body))
            }
            Some(Self::Block(body)) => Self::list_completes(body),
            _ => true,
        }
    }

    /// Takes out a `return;` that is the last thing a list does, wherever that leaves something in its block: behind a list
    /// that is all of a function's code, it says nothing.
    pub fn drop_last_return(list: &mut Vec<Self>) {
        // A branch is at most as deep as the code that it was made of, and that has a bound.
        let leaves_something = |branch: &Vec<Self>| !matches!(branch.as_slice(), [Self::Return(None)]);
        match list.last_mut() {
            Some(Self::Return(None)) => {
                list.pop();
            }
            Some(Self::If { then, otherwise, .. }) => {
                Self::drop_last_return(otherwise);
                if leaves_something(then) {
                    Self::drop_last_return(then);
                }
            }
            Some(Self::Try { body, catch, finally: None }) => {
                let handler = catch.as_mut().map(|c| &mut c.body);
                for branch in std::iter::once(body).chain(handler).filter(|b| leaves_something(b)) {
                    Self::drop_last_return(branch);
                }
            }
            Some(Self::Block(body)) => Self::drop_last_return(body),
            _ => {}
        }
    }

    /// Whether a list declares a name in its own block, so that it can't stand bare in a `switch` clause.
    pub fn list_declares(list: &[Self]) -> bool {
        list.iter().any(|s| matches!(s, Self::Bind { .. } | Self::Declare { .. } | Self::Source(_)))
    }
}
