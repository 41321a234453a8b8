//! What the other files of a run have to know of one. Each file is parsed once for all of it.

use std::ops::BitOr;

use super::Engine;
use crate::{
    apis::Apis,
    context::Context,
    effects,
    flow::callback::{forms, results},
    project::{CallbackFunctions, FileFacts, FormFacts, LibraryUses, Mentions, OtherFiles, effects::FileCode},
    semantic::Names,
    source::{SourceFile, Style},
    syntax::Parsed,
};

/// Words of which one stands in every file with a function that takes a callback, whatever that is called, or that makes
/// an error.
const CALLBACK_WORDS: &[&str] = &["cb", "callback", "done", "next", "fn", "clb", "err", "Err", "null", "undefined"];

/// The patterns that write calls of functions in their promise forms.
const FORM_PATTERNS: &[&str] = &["callback-pyramid", "promise-wrapper", "unused-adapter"];

/// The patterns that have functions return native promises.
const PROMISE_PATTERNS: &[&str] = &["async-executor", "promise-wrapper", "then-chain"];

/// What a run has to read off all its files, as soon as one of them asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What it takes to link the files with each other, to find the promise forms that others export.
    pub links: bool,
    /// What the files' functions read and write.
    pub effects: bool,
}

impl BitOr for Asked {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self { links: self.links || other.links, effects: self.effects || other.effects }
    }
}

/// What has been read off one file.
#[derive(Debug, Default)]
pub struct Read {
    /// What is gathered over all files.
    pub others: OtherFiles,
    /// What it takes to link the file with others, if that was asked for.
    pub linked: Option<FileFacts>,
    /// What the file's functions read and write, for [`Summaries`](crate::project::effects::Summaries), if that was asked
    /// for.
    pub code: Option<FileCode>,
}

impl Engine<'_> {
    /// What a file asks of all, by the words that stand in it.
    pub fn asks(&self, source: &SourceFile) -> Asked {
        Asked {
            links: self.may_call_back(source) || self.may_hold_forms(source),
            effects: self.needed(source).iter().any(|t| t.needs_effects()),
        }
    }

    /// Reads a file for the others.
    pub fn read(&self, source: &SourceFile, asked: Asked) -> Read {
        let exports_count = self.looks_for("unused-adapter");
        let forms_count = self.may_hold_forms(source);
        // Where one file calls back, each may have functions that do, whatever they call their callbacks.
        let calls_back = asked.links || self.may_call_back(source);
        let promises_count = PROMISE_PATTERNS.iter().any(|id| self.looks_for(id));
        let counts = exports_count || forms_count || calls_back || promises_count;
        if !counts && asked == Asked::default() {
            return Read::default();
        }
        let file = Parsed::new(source);
        let names = Names::new(&file);
        let one = One { file: &file, names: &names, style: file.style(), apis: self.apis() };
        let mut read = Read::default();
        if counts {
            read.others = one.facts();
        }
        if exports_count {
            read.others.mentions = Mentions::of(&file, &names);
        }
        if forms_count {
            read.others.form_facts = one.form_facts(true);
        }
        read.linked = asked.links.then(|| FileFacts::of(&file, &names));
        read.code = asked.effects.then(|| one.code());
        read
    }

    /// What a file that is not in the run has to say about promise forms.
    pub fn outside_facts(&self, source: &SourceFile) -> FormFacts {
        let file = Parsed::new(source);
        let names = Names::new(&file);
        One { file: &file, names: &names, style: file.style(), apis: self.apis() }.form_facts(false)
    }

    /// How the functions call back of a file that is not in the run, and how it calls others.
    pub fn outside_callbacks(&self, source: &SourceFile) -> CallbackFunctions {
        let file = Parsed::new(source);
        let names = Names::new(&file);
        One { file: &file, names: &names, style: file.style(), apis: self.apis() }.facts().callbacks
    }

    fn looks_for(&self, id: &str) -> bool {
        self.transforms.iter().any(|t| t.meta().id == id)
    }

    fn may_call_back(&self, source: &SourceFile) -> bool {
        let text = source.text();
        self.looks_for("callback-pyramid") && CALLBACK_WORDS.iter().any(|word| text.contains(word))
    }

    fn may_hold_forms(&self, source: &SourceFile) -> bool {
        FORM_PATTERNS.iter().any(|id| self.looks_for(id)) && forms::may_be_in(source.text())
    }
}

/// A file by itself: nothing is known yet of the others.
struct One<'a> {
    file: &'a Parsed<'a>,
    names: &'a Names,
    style: Style,
    apis: &'a Apis,
}

impl One<'_> {
    fn facts(&self) -> OtherFiles {
        let library = LibraryUses::of(self.file);
        let callbacks = self.with(&library, results::of_file);
        OtherFiles { library, callbacks, ..OtherFiles::default() }
    }

    /// What it says about promise forms; `linked` as for [`forms::of_file`].
    fn form_facts(&self, linked: bool) -> FormFacts {
        self.with(&LibraryUses::default(), |cx| forms::of_file(cx, linked))
    }

    fn code(&self) -> FileCode {
        self.with(&LibraryUses::default(), effects::of_file)
    }

    fn with<T>(&self, library: &LibraryUses, ask: impl FnOnce(&Context<'_>) -> T) -> T {
        let none = CallbackFunctions::default();
        ask(&Context::new(self.file, self.names, &self.style, self.apis, library, &none))
    }
}
