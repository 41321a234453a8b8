//! What a judgement may look at: one file with its names and its style.

use std::{
    cell::{OnceCell, RefCell},
    collections::{HashMap, HashSet},
    ops::Range,
    path::Path,
    sync::LazyLock,
};

use tree_sitter::Node;

use crate::{
    apis::Apis,
    edit::Refusal,
    project::{CallbackFunctions, LibraryUses, Mentions, Package, PromiseForms, effects::Summaries},
    semantic::{BindingId, Names},
    source::Style,
    syntax::Parsed,
    tuning::Tuning,
};

/// What counts where nobody has decided anything.
static DEFAULT: LazyLock<Tuning> = LazyLock::new(Tuning::default);

/// The calls that are carried out when a function is converted, by their bytes, or why it can't be.
pub type Conversion = Result<Vec<Range<usize>>, Refusal>;

/// Test drivers with a queue of commands: what returns one is no promise, be it called whatever it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Cypress. It takes no function that returns a promise and issues commands.
    Cypress,
    /// The control flow of selenium-webdriver before version 4, which Protractor runs its commands in: what is called for a command that nobody
    /// waits for comes behind those that are in the queue by then.
    Webdriver,
}

/// What a transform may look at: one file, its names and its style.
#[derive(Debug)]
pub struct Context<'a> {
    /// The file and its tree.
    pub file: &'a Parsed<'a>,
    /// What its names mean.
    pub names: &'a Names,
    /// How it is written.
    pub style: &'a Style,
    /// What is known of functions that take callbacks.
    pub apis: &'a Apis,
    /// What the user decided about waiting.
    pub tuning: &'a Tuning,
    /// Which functions the project calls for a library's promise.
    pub library: &'a LibraryUses,
    /// What the project's functions hand to their callbacks.
    pub callbacks: &'a CallbackFunctions,
    /// The package that the file belongs to and where the file is on disk, if that is known.
    pub package: Option<(&'a Package, &'a Path)>,
    /// By which names other files may reach what this one exports, if that is known.
    pub mentions: Option<&'a Mentions>,
    /// Which promise forms other files export, if that is known.
    pub forms: Option<&'a PromiseForms>,
    /// What the functions of the run's files read and write, if that has been worked out.
    pub summaries: Option<&'a Summaries>,
    /// The same of this file alone, once it has been asked for.
    pub own_summaries: OnceCell<Summaries>,
    /// The bytes of the file's functions that are members of something, by the member's name, once they have been asked
    /// for.
    pub members: OnceCell<HashMap<String, Vec<Range<usize>>>>,
    /// The names of the file's functions beside which no other should be put, as far as the file itself shows, once they
    /// have been asked for.
    pub own_crowded: OnceCell<HashSet<String>>,
    /// The names that the file uses as those of classes, once they have been asked for.
    pub constructed: OnceCell<HashSet<String>>,
    /// The sign that the file's promises are a library's, if it has one. It takes a walk over the file to tell, and
    /// every candidate asks, so the answer is kept.
    pub foreign_promises: OnceCell<Option<Range<usize>>>,
    /// The test driver whose commands the file issues, if it does, once it has been asked for.
    pub driver: OnceCell<Option<Driver>>,
    /// The callback that each function of the file hands its result to, by the function's node, once it has been asked
    /// for.
    pub own_callbacks: RefCell<HashMap<usize, Option<BindingId>>>,
    /// Whether each function of the file, by its node, stands in the code of the executor of a promise, once it has been asked
    /// for.
    pub in_executors: RefCell<HashMap<usize, bool>>,
    /// What becomes of each function with a callback, by the function's node, once that has been tried: each of its calls
    /// asks.
    pub conversions: RefCell<HashMap<usize, Conversion>>,
    /// The functions, by their nodes, whose errors may be lost in a callback that does nothing, once they have been asked
    /// for; `None` where they are too many to tell.
    pub losing_errors: OnceCell<Option<HashSet<usize>>>,
}

impl<'a> Context<'a> {
    /// A view of a file, with nothing worked out yet that takes a walk over it.
    pub fn new(
        file: &'a Parsed<'a>,
        names: &'a Names,
        style: &'a Style,
        apis: &'a Apis,
        library: &'a LibraryUses,
        callbacks: &'a CallbackFunctions,
    ) -> Self {
        Self {
            file,
            names,
            style,
            apis,
            tuning: &DEFAULT,
            library,
            callbacks,
            package: None,
            mentions: None,
            forms: None,
            summaries: None,
            own_summaries: OnceCell::new(),
            members: OnceCell::new(),
            own_crowded: OnceCell::new(),
            constructed: OnceCell::new(),
            foreign_promises: OnceCell::new(),
            driver: OnceCell::new(),
            own_callbacks: RefCell::default(),
            in_executors: RefCell::default(),
            conversions: RefCell::default(),
            losing_errors: OnceCell::new(),
        }
    }

    /// A node of the file as one that lives as long as the file's tree.
    ///
    /// # Panics
    /// Where the node is not one of the file's tree.
    pub fn own<'n>(&self, node: Node<'n>) -> Node<'a> {
        let found = self.file.root().descendant_for_byte_range(node.start_byte(), node.end_byte());
        let mut all = std::iter::successors(found, Node::parent);
        all.find(|n| n.id() == node.id()).expect("the node is one of this file")
    }

    /// The text of a node.
    pub fn text(&self, node: Node<'_>) -> &'a str {
        &self.file.source.text()[node.byte_range()]
    }

    /// The text of a range; nothing where it ends before it starts, as what lies between two nodes can beside a syntax
    /// error.
    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.file.source.text().get(range).unwrap_or_default()
    }
}
