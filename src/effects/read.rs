//! From code to what it touches by itself, and what it calls.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use tree_sitter::Node;

use super::objects::Objects;
use crate::{
    apis::effects::Kind,
    context::Context,
    project::{
        FileFacts,
        effects::{Code, FileCode, FunctionCode, Key, Object, Place, Root},
    },
    semantic::{BindingId, BindingKind},
    syntax::node::{has_token, is_function, named_children},
};

/// A function, or the file, that the walk is in.
struct Frame {
    /// Where its node ends.
    end: usize,
    /// Whose `this` it has.
    this: Root,
    /// The places that it makes sure of before it reads them.
    once: BTreeSet<Place>,
    /// The function that is read; with functions read as a part of what is around them, there is one.
    function: FunctionCode,
}

impl Frame {
    /// The same, with what is read after it was made sure of marked so.
    fn settled(mut self) -> Self {
        for (place, is_written, _) in &mut self.function.code.touches {
            if !*is_written && self.once.contains(place) {
                *place = Place::Once(Box::new(place.clone()));
            }
        }
        self
    }
}

/// The walk over a piece of code.
pub(super) struct Reader<'c, 'a> {
    pub(super) objects: Objects<'c, 'a>,
    /// The nodes around the one at hand, the nearest last.
    around: Vec<Node<'c>>,
    frames: Vec<Frame>,
    /// The classes around, by where they end.
    classes: Vec<(usize, String)>,
    done: Vec<FunctionCode>,
    /// The names of properties that something is put into which was made for it.
    pub(super) made: BTreeSet<Arc<str>>,
    /// The names of properties that something else is put into.
    pub(super) handed: BTreeSet<Arc<str>>,
    /// Whether functions are read by themselves.
    apart: bool,
    /// The bytes of what is read.
    root: Range<usize>,
}

/// What the functions of a file do, each by itself.
pub fn of_file(cx: &Context<'_>) -> FileCode {
    let mut reader = Reader::new(cx, true, String::new());
    reader.objects.find_initializers();
    reader.over(cx.file.root());
    FileCode {
        facts: FileFacts::of(cx.file, cx.names),
        functions: reader.done,
        owned: &reader.made - &reader.handed,
        handed: reader.handed,
        variables: cx.names.bindings().map(|(_, b)| b.name.clone()).collect(),
    }
}

/// What a piece of code does, functions in it included as if they were called. `class` is the class around it.
/// `own` are variables that hold something else in each round of a loop.
pub(super) fn of_code(cx: &Context<'_>, node: Node<'_>, class: &str, own: &[BindingId]) -> Code {
    let mut reader = Reader::new(cx, false, class.to_owned());
    reader.objects.own = own.to_vec();
    reader.over(node);
    reader.done.pop().map(|f| f.code).unwrap_or_default()
}

impl<'c, 'a> Reader<'c, 'a> {
    fn new(cx: &'c Context<'a>, apart: bool, class: String) -> Self {
        let classes = vec![(usize::MAX, class)];
        Self {
            objects: Objects::new(cx),
            around: Vec::new(),
            frames: Vec::new(),
            classes,
            done: Vec::new(),
            made: BTreeSet::new(),
            handed: BTreeSet::new(),
            apart,
            root: 0..0,
        }
    }

    pub(super) fn cx(&self) -> &'c Context<'a> {
        self.objects.cx
    }

    /// The node around the one at hand, or the one so many levels further out.
    pub(super) fn around(&self, level: usize) -> Option<Node<'c>> {
        self.around.len().checked_sub(level + 1).map(|index| self.around[index])
    }

    pub(super) fn code(&mut self) -> &mut Code {
        &mut self.frames.last_mut().expect("the walk is in a function").function.code
    }

    fn over(&mut self, root: Node<'_>) {
        let root = self.cx().own(root);
        let mut above: Vec<_> = crate::syntax::node::ancestors(root).take(3).collect();
        above.reverse();
        self.around = above;
        self.root = root.byte_range();
        self.frames.push(Frame {
            end: usize::MAX,
            this: Root::This,
            once: BTreeSet::new(),
            function: blank(None, root.end_byte()),
        });
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            self.leave(node.start_byte());
            if self.enter(node) && cursor.goto_first_child() {
                self.around.push(node);
                continue;
            }
            loop {
                if cursor.node() == root {
                    self.leave(usize::MAX);
                    let last = self.frames.pop().expect("the first frame").settled();
                    self.done.push(last.function);
                    return;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
                cursor.goto_parent();
                self.around.pop();
            }
        }
    }

    /// Closes the functions and classes that end before a byte.
    fn leave(&mut self, byte: usize) {
        while self.frames.len() > 1 && self.frames.last().is_some_and(|f| f.end <= byte) {
            let frame = self.frames.pop().expect("there is one").settled();
            if self.apart {
                self.done.push(frame.function);
            } else {
                let inner = frame.function.code;
                let code = self.code();
                code.touches.extend(inner.touches);
                code.calls.extend(inner.calls);
                code.unknown.extend(inner.unknown);
                code.presumed.extend(inner.presumed);
                code.can_fail |= inner.can_fail;
            }
        }
        while self.classes.len() > 1 && self.classes.last().is_some_and(|(end, _)| *end <= byte) {
            self.classes.pop();
        }
    }

    fn enter(&mut self, node: Node<'c>) -> bool {
        if self.apart {
            self.given(node);
        }
        if is_function(node) {
            self.open(node);
            // Nobody judges what is called there, and each function around would be told of all that is in it.
            if self.apart && self.cx().file.too_deep(&node.byte_range()).is_some() {
                self.code().unknown.push(node.byte_range());
                return false;
            }
        }
        match node.kind() {
            "class_declaration" | "class" | "abstract_class_declaration" => {
                let name = node.child_by_field_name("name").map_or("", |n| self.cx().text(n));
                self.classes.push((node.end_byte(), name.to_owned()));
            }
            "identifier" | "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => self.name(node),
            "member_expression" | "subscript_expression" => self.property(node),
            "object_pattern" => self.taken_apart(node),
            "spread_element" => self.spread(node),
            "call_expression" | "new_expression" => self.call(node),
            "throw_statement" => self.code().can_fail = true,
            "await_expression" => self.awaited(node),
            "yield_expression" => self.code().unknown.push(node.byte_range()),
            "for_in_statement" => {
                if has_token(node, "await") {
                    self.code().unknown.push(node.byte_range());
                }
                if let Some(right) = node.child_by_field_name("right") {
                    self.inside(right, node.byte_range());
                }
            }
            "import_statement"
            | "type_annotation"
            | "type_arguments"
            | "type_parameters"
            | "interface_declaration"
            | "type_alias_declaration"
            | "export_clause"
            | "comment" => return false,
            _ => {}
        }
        true
    }

    fn open(&mut self, function: Node<'c>) {
        let is_arrow = function.kind() == "arrow_function";
        let this = match self.frames.last() {
            Some(frame) if is_arrow => frame.this.clone(),
            _ if self.apart => Root::This,
            _ => Root::Unknown,
        };
        let mut code = blank(Some(function.start_byte()), function.end_byte());
        code.is_arrow = is_arrow;
        if self.apart {
            code.class = self.classes.last().map(|(_, name)| name.clone()).unwrap_or_default();
            code.parameters = self.objects.parameters(function);
        }
        // Where functions are nested without end, each would declare nearly all that there is. What such a function does to
        // variables of its own counts as done to others, then.
        if self.apart && self.cx().file.deep_part(&function.byte_range()).is_none() {
            code.declared = self.cx().names.declared_in(&function.byte_range());
            let own_name =
                function.child_by_field_name("name").and_then(|n| self.cx().names.declared_at(n.start_byte()));
            // A function declaration's name belongs to what is around it; nobody assigns to the others.
            code.declared.retain(|binding| Some(*binding) != own_name);
            code.fresh = code.declared.iter().copied().filter(|b| self.objects.holds_fresh(*b)).collect();
            code.made = code.declared.iter().copied().filter(|b| self.objects.holds_new(*b)).collect();
        }
        self.frames.push(Frame { end: function.end_byte(), this, once: BTreeSet::new(), function: code });
    }

    pub(super) fn read(&mut self, place: Place, range: Range<usize>) {
        self.code().touches.push((place, false, range));
    }

    pub(super) fn write(&mut self, place: Place, range: Range<usize>) {
        self.code().touches.push((place, true, range));
    }

    /// The object that an expression leads to where the walk is.
    pub(super) fn object(&mut self, expression: Node<'c>) -> Object {
        let mut object = self.objects.object(expression);
        if object.root == Root::This {
            object.root = self.frames.last().expect("the walk is in a function").this.clone();
        }
        object
    }

    fn name(&mut self, name: Node<'c>) {
        let range = name.byte_range();
        if let Some(binding) = self.cx().names.declared_at(range.start) {
            // What a function is called is known before anything is run.
            if !self.around(0).is_some_and(is_function) {
                self.write(Place::Variable(Root::Binding(binding)), range);
            }
            return;
        }
        let Some(reference) = self.cx().names.reference_at(range.start).filter(|r| !r.in_type) else { return };
        if reference.binding.is_none() && reference.name == "arguments" {
            return;
        }
        let (reads, writes) = (reference.reads, reference.writes);
        let root = reference.binding.map_or_else(|| Root::Global(reference.name.as_str().into()), Root::Binding);
        if writes && self.is_given_once(name) {
            let place = Place::Variable(root);
            self.once(place.clone());
            self.write(Place::Once(Box::new(place)), range);
            return;
        }
        if reads {
            if let Some(export) = reference.binding.and_then(|b| self.objects.import(b)) {
                self.read(Place::Variable(Root::exported(&export)), range.clone());
            }
            if !self.is_settled_name(&root) {
                self.read(Place::Variable(root.clone()), range.clone());
            }
        }
        if writes {
            if let Root::Binding(binding) = root
                && self.objects.is_exported(binding)
            {
                self.write(Place::Variable(Root::exported(self.cx().text(name))), range.clone());
            }
            self.write(Place::Variable(root), range);
        }
    }

    /// Whether a variable has got its value before any function is called, and keeps it.
    fn is_settled_name(&self, root: &Root) -> bool {
        let Root::Binding(binding) = root else { return false };
        let declared = self.cx().names.binding(*binding);
        if !self.apart || self.cx().names.is_reassigned(*binding) {
            return false;
        }
        match declared.kind {
            BindingKind::Import | BindingKind::Class => true,
            BindingKind::Function => declared.declarations.len() == 1,
            _ => {
                self.objects.is_exported(*binding)
                    && self.objects.initializer(*binding).is_some_and(|value| !contains_await(value))
            }
        }
    }

    /// Notes that the function at hand reads a place only after it has made sure of its value.
    fn once(&mut self, place: Place) {
        let frame = self.frames.last_mut().expect("the walk is in a function");
        frame.once.insert(place);
    }

    /// Whether what is assigned here is assigned only where nothing is there yet: `pool ??= new Pool()`,
    /// `if (!pool) pool = new Pool();`. Where it is waited for in between, two may work it out.
    fn is_given_once(&mut self, target: Node<'c>) -> bool {
        let Some(assignment) = self.around(0).filter(|p| p.child_by_field_name("left") == Some(target)) else {
            return false;
        };
        let text = self.cx().text(target);
        let is_once = match assignment.kind() {
            "augmented_assignment_expression" => {
                let operator = assignment.child_by_field_name("operator").map_or("", |o| o.kind());
                matches!(operator, "??=" | "||=")
            }
            "assignment_expression" => {
                let right = assignment.child_by_field_name("right").map(super::objects::plain);
                let is_kept = right.is_some_and(|r| {
                    r.kind() == "binary_expression"
                        && r.child_by_field_name("operator").is_some_and(|o| matches!(o.kind(), "||" | "??"))
                        && r.child_by_field_name("left").is_some_and(|l| self.cx().text(l) == text)
                });
                is_kept || self.is_first_in_check(text)
            }
            _ => false,
        };
        if is_once && contains_await(assignment) {
            let clause = format!("`{}` is the same whoever works it out first", super::calls::short(text));
            self.code().presumed.push(clause);
        }
        is_once
    }

    /// Whether the assignment at hand, or its return, is all that an `if` does which asks whether there is nothing yet.
    fn is_first_in_check(&self, text: &str) -> bool {
        let Some(mut check) = self.around(2) else { return false };
        if check.kind() == "statement_block" {
            if named_children(check).len() != 1 {
                return false;
            }
            let Some(outer) = self.around(3) else { return false };
            check = outer;
        }
        let condition = check.child_by_field_name("condition").map(|c| self.cx().text(super::objects::plain(c)));
        let Some(condition) = condition.filter(|_| check.kind() == "if_statement") else { return false };
        let condition: String = condition.chars().filter(|c| !c.is_whitespace()).collect();
        let tests = ["===undefined", "==undefined", "===null", "==null"];
        check.child_by_field_name("alternative").is_none()
            && (condition == format!("!{text}")
                || condition == format!("typeof{text}==='undefined'")
                || tests.iter().any(|test| condition == format!("{text}{test}")))
    }

    fn property(&mut self, member: Node<'c>) {
        let Some(object) = member.child_by_field_name("object") else { return };
        if let Some(parent) = self.around(0)
            && matches!(parent.kind(), "call_expression" | "member_expression")
            && self.objects.is_settled(member)
        {
            // `Math.max`: nobody replaces the language.
            return;
        }
        self.code().can_fail = true;
        let place = Place::Property(self.object(object), self.objects.key(member));
        let range = member.byte_range();
        let target = self.target_of(member);
        if let Target::Written = target
            && self.apart
            && self.around(0).is_some_and(|p| p.kind() != "assignment_expression")
            && let Some(name) = member.child_by_field_name("property")
        {
            self.handed(name);
        }
        match target {
            Target::Written if self.is_given_once(member) => {
                self.once(place.clone());
                self.write(Place::Once(Box::new(place)), range);
            }
            Target::Written => self.write(place, range),
            Target::Updated if self.is_given_once(member) => {
                self.once(place.clone());
                self.write(Place::Once(Box::new(place)), range);
            }
            Target::Updated => {
                self.read(place.clone(), range.clone());
                self.write(place, range);
            }
            Target::Read => self.read(place, range),
        }
    }

    /// What is waited for is a call, or a promise. A promise that is none, such as a query of a database, may start only when
    /// it is waited for.
    fn awaited(&mut self, node: Node<'c>) {
        self.code().can_fail = true;
        let value = named_children(node).first().map(|n| super::objects::plain(*n));
        if let Some(value) =
            value.filter(|v| matches!(v.kind(), "identifier" | "member_expression" | "subscript_expression"))
            && self.objects.kind(value) != Some(Kind::Promise)
        {
            let text = super::calls::short(self.cx().text(value));
            self.code().presumed.push(format!("`{text}` is under way before it is waited for"));
        }
    }

    /// `const { a, b } = object` reads properties of it.
    fn taken_apart(&mut self, pattern: Node<'c>) {
        self.code().can_fail = true;
        let parent = self.around(0);
        let value = parent.and_then(|p| match p.kind() {
            "variable_declarator" => p.child_by_field_name("value"),
            "assignment_expression" => p.child_by_field_name("right"),
            _ => None,
        });
        let object = value.map_or(Object::of(Root::Unknown), |value| self.object(value));
        for part in named_children(pattern) {
            let key = match part.kind() {
                "shorthand_property_identifier_pattern" => Some(part),
                "object_assignment_pattern" => part.child_by_field_name("left"),
                "pair_pattern" => part.child_by_field_name("key").filter(|k| k.kind() == "property_identifier"),
                _ => None,
            };
            let key = key.map_or(Key::Any, |key| Key::Name(self.cx().text(key).into()));
            self.read(Place::Property(object.clone(), key), part.byte_range());
        }
    }

    /// `...list` reads what is in it.
    fn spread(&mut self, spread: Node<'c>) {
        if let Some(inner) = named_children(spread).first() {
            self.inside(*inner, spread.byte_range());
        }
    }

    /// Notes that what is in a value is gone through. If that is no list but something that works its items out one by one,
    /// its code runs then.
    fn inside(&mut self, value: Node<'c>, range: Range<usize>) {
        let kind = self.objects.kind(value);
        if kind == Some(Kind::Text) {
            return;
        }
        let of_object = self.around(0).is_some_and(|p| p.kind() == "object");
        let is_literal = matches!(super::objects::plain(value).kind(), "object" | "array");
        if !matches!(kind, Some(Kind::List | Kind::Map)) && !of_object && !is_literal {
            let text = super::calls::short(self.cx().text(value));
            self.code().presumed.push(format!("`{text}` is a list"));
        }
        let object = self.object(value);
        self.read(Place::Property(object, Key::Any), range);
    }

    fn target_of(&self, member: Node<'c>) -> Target {
        let Some(parent) = self.around(0) else { return Target::Read };
        let is_left = |p: Node<'_>| p.child_by_field_name("left") == Some(member);
        match parent.kind() {
            "assignment_expression" | "for_in_statement" if is_left(parent) => Target::Written,
            "augmented_assignment_expression" if is_left(parent) => Target::Updated,
            "update_expression" => Target::Updated,
            "unary_expression" if parent.child(0).is_some_and(|c| c.kind() == "delete") => Target::Written,
            "array_pattern" | "rest_pattern" => Target::Written,
            "pair_pattern" if parent.child_by_field_name("value") == Some(member) => Target::Written,
            "assignment_pattern" | "object_assignment_pattern" if is_left(parent) => Target::Written,
            _ => Target::Read,
        }
    }

    /// Whether functions are read by themselves, and not as a part of the code that is asked about.
    pub(super) fn is_apart(&self) -> bool {
        self.apart
    }

    /// Whether the walk is in no function but the one that it began in.
    pub(super) fn is_outermost(&self) -> bool {
        !self.apart && self.frames.len() == 1
    }

    /// Whether a name stands for a function whose code is read along with what is around it.
    pub(super) fn is_read_along(&self, callee: Node<'c>) -> bool {
        let binding = || self.cx().names.reference_at(callee.start_byte())?.binding;
        let Some(binding) = binding().filter(|_| !self.apart && callee.kind() == "identifier") else { return false };
        let declared = self.cx().names.binding(binding).declarations[0].start;
        if !self.root.contains(&declared) || self.cx().names.is_reassigned(binding) {
            return false;
        }
        self.cx().names.binding(binding).kind == BindingKind::Function
            || self.objects.initializer(binding).is_some_and(|value| is_function(super::objects::plain(value)))
    }

    /// Whether a variable belongs to a function that is handed something by it: its parameter, or that of a function
    /// around it.
    pub(super) fn is_parameter(&self, binding: BindingId) -> bool {
        self.cx().names.binding(binding).kind == BindingKind::Parameter
    }
}

/// Whether code waits for something.
fn contains_await(node: Node<'_>) -> bool {
    let mut waits = false;
    crate::syntax::node::walk_own_code(node, |n| {
        waits |= matches!(n.kind(), "await_expression" | "yield_expression");
        !waits
    });
    waits
}

/// What is done with a property where it stands.
enum Target {
    Read,
    Written,
    Updated,
}

fn blank(start: Option<usize>, end: usize) -> FunctionCode {
    FunctionCode {
        start,
        end,
        class: String::new(),
        is_arrow: false,
        parameters: Vec::new(),
        declared: Vec::new(),
        fresh: Vec::new(),
        made: Vec::new(),
        code: Code::default(),
    }
}
