//! Whether pieces of code may be under way at the same time.

use std::ops::Range;

use super::{
    model::{Effects, Independence, Touch},
    objects::{Objects, plain},
    summaries,
    verbs::is_cache,
};
use crate::{
    context::Context,
    edit::{Refusal, RefusalCode},
    project::effects::{Key, Meets, Object, Place, Resource, Root},
    schedule::Grounds,
    semantic::BindingId,
};

/// Whether `later` may be started before `earlier` has ended, where it is started right behind it.
///
/// # Errors
/// With `unknown-effects` when a call is not known, with `ordered-effects` when one needs the other to have ended.
pub fn may_overlap(cx: &Context<'_>, earlier: &Effects, later: &Effects) -> Result<Independence, Refusal> {
    if let Some(dropped) = earlier.dropped.first() {
        return Err(Refusal::new(RefusalCode::OrderedEffects, dropped.clone()));
    }
    Pair { cx, objects: Objects::new(cx), own: &[] }.check(earlier, later)
}

/// The places by which two pieces of code affect each other: what the earlier one touches, and what the later one does.
/// `None` where they do not, or where that is not the reason why they have to run in order.
pub fn conflict<'e>(cx: &Context<'_>, earlier: &'e Effects, later: &'e Effects) -> Option<(&'e Touch, &'e Touch)> {
    let pair = Pair { cx, objects: Objects::new(cx), own: &[] };
    let sides = [(&earlier.writes, &later.reads), (&earlier.writes, &later.writes), (&earlier.reads, &later.writes)];
    sides.into_iter().find_map(|(ones, others)| {
        others.iter().find_map(|other| {
            let one = ones.iter().find(|one| pair.places_meet(&one.place, &other.place) == Meets::Maybe)?;
            Some((one, other))
        })
    })
}

/// Two pieces of code that are compared.
pub(super) struct Pair<'c, 'a> {
    pub(super) cx: &'c Context<'a>,
    pub(super) objects: Objects<'c, 'a>,
    /// Variables that stand for something else on each side.
    pub(super) own: &'c [BindingId],
}

impl Pair<'_, '_> {
    pub(super) fn check(&self, earlier: &Effects, later: &Effects) -> Result<Independence, Refusal> {
        let ordered = |range: &Range<usize>| Err(Refusal::new(RefusalCode::OrderedEffects, range.clone()));
        if let Some(guard) = earlier.guards.first() {
            return ordered(guard);
        }
        if let Some(touch) = later.writes.iter().find(|t| changes_world(&t.place))
            && earlier.can_fail
        {
            return ordered(&touch.range);
        }
        let mut clauses: Vec<String> = Vec::new();
        for (ones, others) in
            [(&earlier.writes, &later.reads), (&earlier.writes, &later.writes), (&earlier.reads, &later.writes)]
        {
            for other in others {
                match self.meets_any(ones, other) {
                    Meets::No => {}
                    Meets::Hardly => clauses.push(different(&other.place)),
                    Meets::Maybe => return ordered(&other.range),
                }
            }
        }
        if let Some(range) = earlier.unknown.iter().chain(&later.unknown).next() {
            return Err(Refusal::new(RefusalCode::UnknownEffects, range.clone()));
        }
        let said = earlier.presumed.iter().chain(&later.presumed).cloned();
        Ok(independence(said.chain(clauses)))
    }

    fn meets_any(&self, ones: &[Touch], other: &Touch) -> Meets {
        let mut most = Meets::No;
        for one in ones {
            most = most.max(self.places_meet(&one.place, &other.place));
            if most == Meets::Maybe {
                break;
            }
        }
        most
    }

    /// Whether two places may be the same.
    fn places_meet(&self, a: &Place, b: &Place) -> Meets {
        match (a, b) {
            (Place::Once(_), Place::Once(_)) => Meets::No,
            (Place::Once(a), b) | (b, Place::Once(a)) => self.places_meet(a, b),
            (Place::Variable(a), Place::Variable(b)) => {
                let is_same = self.same_root(a, b) && !self.is_own(a);
                if is_same { Meets::Maybe } else { Meets::No }
            }
            (Place::Property(o, k), Place::Property(p, l)) => self.properties_meet((o, k), (p, l)),
            (Place::Property(_, Key::Name(key)), Place::Variable(Root::Named(file, name)))
            | (Place::Variable(Root::Named(file, name)), Place::Property(_, Key::Name(key))) => {
                if file.is_empty() && key == name { Meets::Maybe } else { Meets::No }
            }
            (Place::Property(o, _), Place::Inside(p)) | (Place::Inside(p), Place::Property(o, _)) => self.reaches(p, o),
            // Objects with a state of their own are often parts of one another.
            (Place::State(a), Place::State(b)) => {
                let is_own = a == b && a.path.is_empty() && self.is_own(&a.root);
                if is_own { Meets::Hardly } else { Meets::Maybe }
            }
            (Place::World(a), Place::World(b)) => resources_meet(a, b),
            _ => Meets::No,
        }
    }

    fn properties_meet(&self, (o, k): (&Object, &Key), (p, l): (&Object, &Key)) -> Meets {
        let is_one = o == p && o.root != Root::Unknown;
        let keys = match k.meets(l) {
            Meets::No => return Meets::No,
            // `list[i]` of the very list whose `first` is read.
            Meets::Hardly if is_one => Meets::Maybe,
            keys => keys,
        };
        let key_is_cache = matches!(k, Key::Name(name) if is_cache(name));
        let is_cache = key_is_cache || [o, p].iter().any(|o| self.is_in_cache(o));
        self.objects_meet(o, p).min(keys).min(if is_cache { Meets::Hardly } else { Meets::Maybe })
    }

    /// Whether the way to an object leads into a cache.
    fn is_in_cache(&self, object: &Object) -> bool {
        let start = match &object.root {
            Root::Binding(binding) => Some(self.cx.names.binding(*binding).name.as_str()),
            Root::Named(_, name) | Root::Global(name) => Some(&**name),
            _ => None,
        };
        start.is_some_and(is_cache) || object.path.iter().any(|key| matches!(key, Key::Name(name) if is_cache(name)))
    }

    /// Whether two ways may lead to the same object.
    fn objects_meet(&self, a: &Object, b: &Object) -> Meets {
        if self.same_root(&a.root, &b.root) {
            if a.path == b.path && self.is_apart_by_round(a) {
                return Meets::Hardly;
            }
            if a.path.is_empty() && b.path.is_empty() {
                return match &a.root {
                    Root::Fresh(_) if !self.own.is_empty() => Meets::No,
                    Root::Binding(binding) if self.is_own(&a.root) && self.objects.holds_fresh(*binding) => Meets::No,
                    Root::Binding(binding) if self.is_own(&a.root) && !self.objects.is_held(*binding) => Meets::Hardly,
                    _ => Meets::Maybe,
                };
            }
            return Object { root: a.root.clone(), path: b.path.clone() }.meets(a);
        }
        if self.is_apart(a) || self.is_apart(b) { Meets::No } else { a.meets(b) }
    }

    /// Whether an object may be reached from another.
    fn reaches(&self, from: &Object, object: &Object) -> Meets {
        if self.same_root(&from.root, &object.root) {
            let is_own = self.is_own(&from.root) && from.path.is_empty() || self.is_apart_by_round(from);
            let object = Object { root: from.root.clone(), path: object.path.clone() };
            return if is_own { Meets::Hardly } else { from.leads_to(&object) };
        }
        if self.is_apart(object) { Meets::No } else { Meets::Hardly }
    }

    fn is_own(&self, root: &Root) -> bool {
        matches!(root, Root::Binding(binding) if self.own.contains(binding))
    }

    /// Whether a way leads to another object in each round: over properties that hold what was made for them.
    fn is_apart_by_round(&self, object: &Object) -> bool {
        let all = summaries(self.cx);
        let is_owned = |key: &Key| matches!(key, Key::Name(name) if all.is_owned(self.cx.file.source.path(), name));
        let is_item = matches!(object.root, Root::Binding(binding) if !self.objects.is_held(binding));
        !object.path.is_empty() && self.is_own(&object.root) && is_item && object.path.iter().all(is_owned)
    }

    /// Whether two roots may be the same variable.
    fn same_root(&self, a: &Root, b: &Root) -> bool {
        match (a, b) {
            (Root::Unknown, _) => false,
            (Root::Binding(binding), Root::Named(file, name)) | (Root::Named(file, name), Root::Binding(binding)) => {
                **file == *self.cx.file.source.path().to_string_lossy()
                    && **name == *self.cx.names.binding(*binding).name
            }
            _ => a == b,
        }
    }

    /// Whether an object was made where it is used, and nobody else has been given it.
    fn is_apart(&self, object: &Object) -> bool {
        object.path.is_empty()
            && match object.root {
                Root::Fresh(_) => true,
                Root::Binding(binding) => self.objects.holds_fresh(binding) && !self.is_given_away(binding),
                _ => false,
            }
    }

    /// Whether what a variable holds may be reached by another way: it is more than looked into.
    fn is_given_away(&self, binding: BindingId) -> bool {
        let root = self.cx.file.root();
        self.cx.names.binding(binding).references.iter().any(|reference| {
            let range = &self.cx.names.reference(*reference).range;
            let Some(name) = root.descendant_for_byte_range(range.start, range.end) else { return true };
            let Some(parent) = name.parent() else { return true };
            match parent.kind() {
                "member_expression" | "subscript_expression" => parent.child_by_field_name("object") != Some(name),
                "return_statement" | "spread_element" | "template_substitution" | "binary_expression" => false,
                "for_in_statement" => parent.child_by_field_name("right") != Some(name),
                _ => plain(parent) == parent,
            }
        })
    }
}

/// Whether a place is one outside that others see a change of.
fn changes_world(place: &Place) -> bool {
    matches!(place, Place::World(resource) if !matches!(resource, Resource::Clock | Resource::Log))
}

/// Whether a change of one resource may be seen in another. What a process, a server or a database does may show in files
/// and elsewhere, so only what is surely something else is taken apart.
fn resources_meet(a: &Resource, b: &Resource) -> Meets {
    match (a, b) {
        (Resource::Clock, _) | (_, Resource::Clock) => Meets::No,
        (Resource::Log, Resource::Log) => Meets::Hardly,
        (Resource::Log, _) | (_, Resource::Log) => Meets::No,
        (Resource::Console, Resource::Console) => Meets::Maybe,
        (Resource::Console, Resource::Anything) | (Resource::Anything, Resource::Console) => Meets::Hardly,
        (Resource::Console, _) | (_, Resource::Console) => Meets::No,
        (Resource::Files(Some(a)), Resource::Files(Some(b))) => {
            let (a, b) = (a.trim_start_matches("./"), b.trim_start_matches("./"));
            if a.starts_with(b) || b.starts_with(a) { Meets::Maybe } else { Meets::Hardly }
        }
        _ => Meets::Maybe,
    }
}

/// The clause that something is not what the other piece of code uses.
fn different(place: &Place) -> String {
    match place {
        Place::World(Resource::Log) => "the order of lines in a log does not matter".to_owned(),
        Place::World(Resource::Console) => "nothing but what is seen here prints".to_owned(),
        Place::World(_) => "files of different names are different files".to_owned(),
        _ => "what is reached by different ways is not the same object, and a cache may be filled by either".to_owned(),
    }
}

/// The most clauses that a finding shows.
const MAX_CLAUSES: usize = 4;

fn independence(clauses: impl Iterator<Item = String>) -> Independence {
    let mut all: Vec<String> = Vec::new();
    for clause in clauses {
        if !all.contains(&clause) {
            all.push(clause);
        }
    }
    if all.is_empty() {
        let because = "By their code, none of the calls touches what another changes.".to_owned();
        return Independence { grounds: Grounds::Proven, because };
    }
    if all.len() > MAX_CLAUSES {
        let rest = all.len() - MAX_CLAUSES;
        all.truncate(MAX_CLAUSES);
        all.push(format!("and {rest} more of the kind"));
    }
    let because = format!("None of the calls touches what another changes: {}.", all.join("; "));
    Independence { grounds: Grounds::Presumed, because }
}
