//! What becomes of one definition, and whom that breaks.

use std::cell::RefCell;
use std::collections::HashMap;

use super::facts::Facts;
use super::field::Comparer;
use super::form::{Forms, Style, own_labels};
use super::{Change, ChangeKind, Definition, FieldChange, Impact, layer};
use crate::schema::{Combinator, CombinatorId, CombinatorKind, Param, Schema, TypeId};

/// Judges the definitions of two schemas.
pub(super) struct Judge<'a> {
    old: &'a Facts<'a>,
    new: &'a Facts<'a>,
    /// Per type, what [`ambiguous_bare_use`](Self::ambiguous_bare_use) has found.
    ambiguous: RefCell<HashMap<TypeId, Option<String>>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(old: &'a Facts<'a>, new: &'a Facts<'a>) -> Self {
        Self {
            old,
            new,
            ambiguous: RefCell::default(),
        }
    }

    pub(super) fn added(&self, id: CombinatorId) -> Change {
        let combinator = &self.new.schema[id];
        let (impact, reason) = self.judge_added(id, combinator);
        Change {
            kind: ChangeKind::Added,
            combinator: combinator.kind,
            name: combinator.name.clone(),
            old: None,
            new: Some(definition(self.new.schema, id)),
            impact,
            reason,
            details: Vec::new(),
        }
    }

    fn judge_added(&self, id: CombinatorId, combinator: &Combinator) -> (Impact, String) {
        if let Some(other) = self.old.with_id(combinator.id)
            && other.name != combinator.name
        {
            let reason = format!("its id was that of `{}`", other.name);
            return (Impact::WIRE, reason);
        }
        if layer::is_of_a_later_layer(self.old, combinator) {
            let reason = "only peers that agreed on a layer OLD does not have are sent it";
            return (Impact::NONE, reason.to_owned());
        }
        if layer::has_earlier(self.old, combinator) {
            let reason = "at its layer the name meant an earlier definition until now";
            return (Impact::ALL, reason.to_owned());
        }
        if combinator.kind == CombinatorKind::Function {
            let reason = "a new function: only who knows it calls it";
            return (Impact::NONE, reason.to_owned());
        }
        let ty = (self.new.schema.result_type(id)).map(|ty| self.new.schema[ty].name.as_str());
        let Some(ty) = ty.and_then(|name| self.old.type_named(name)) else {
            let reason = "of a new type: nothing in OLD can hold it";
            return (Impact::NONE, reason.to_owned());
        };
        if let Some(place) = self.ambiguous_bare_use(ty) {
            let reason = format!(
                "its type is used bare in `{place}`, where no id tells which constructor follows"
            );
            return (Impact::WIRE, reason);
        }
        let reason = "another constructor of an existing type: old readers do not know its id";
        (Impact::of(true, false, false), reason.to_owned())
    }

    /// An old argument that holds a type bare, where the new one does not name the same constructor.
    fn ambiguous_bare_use(&self, ty: TypeId) -> Option<String> {
        let mut known = self.ambiguous.borrow_mut();
        let known = known.entry(ty).or_insert_with(|| self.find_ambiguous(ty));
        known.clone()
    }

    fn find_ambiguous(&self, ty: TypeId) -> Option<String> {
        let uses = self.old.bare_uses(ty).iter();
        uses.filter(|bare| {
            let constructor = &self.old.schema[bare.constructor].name;
            let param = bare.param.name.as_deref();
            !self.new.uses_bare(&bare.holder.name, param, constructor)
        })
        .map(|bare| {
            let param = bare.param.name.as_deref().unwrap_or("_");
            format!("{}.{param}", bare.holder.name)
        })
        .next()
    }

    pub(super) fn removed(&self, id: CombinatorId) -> Change {
        let combinator = &self.old.schema[id];
        let (impact, reason) = self.judge_removed(id, combinator);
        Change {
            kind: ChangeKind::Removed,
            combinator: combinator.kind,
            name: combinator.name.clone(),
            old: Some(definition(self.old.schema, id)),
            new: None,
            impact,
            reason,
            details: Vec::new(),
        }
    }

    fn judge_removed(&self, id: CombinatorId, combinator: &Combinator) -> (Impact, String) {
        let gone = Impact::of(false, true, true);
        if layer::has_earlier(self.new, combinator) {
            let reason = "at its layer the name means an earlier definition now";
            return (Impact::ALL, reason.to_owned());
        }
        let ty = (self.old.schema.result_type(id)).map(|ty| self.old.schema[ty].name.as_str());
        let reason = match (combinator.kind, ty) {
            (CombinatorKind::Function, _) => "new readers do not know the calls of old writers",
            (_, Some(ty)) if self.new.type_named(ty).is_none() => {
                "gone with its type, which old data may still hold"
            }
            _ => "old data may still hold it, and new readers do not know its id",
        };
        (gone, reason.to_owned())
    }

    /// What differs between the two definitions, if anything does.
    pub(super) fn both(&self, old_id: CombinatorId, new_id: CombinatorId) -> Option<Change> {
        let (old, new) = (&self.old.schema[old_id], &self.new.schema[new_id]);
        let (details, result) = Comparer::new(self.old, self.new, old_id, new_id).compare();
        let mut verdict = Findings::default();
        let is_renamed = old.name != new.name;
        if is_renamed {
            let rust = Impact::rust(true);
            verdict.add(rust, "the same id under another name");
        }
        if old.id != new.id {
            let reason = "its id is another one: neither side knows the other's";
            verdict.add(Impact::WIRE, reason);
        }
        if let Some(impact) = result {
            verdict.add_result(impact, new.kind);
        }
        let moved = layer::moved(self.old, self.new, old, new);
        let is_moved = moved.is_some();
        if let Some((impact, reason)) = moved {
            verdict.add(impact, reason);
        }
        if is_empty(old) != is_empty(new) && new.kind == CombinatorKind::Constructor {
            // The reason is that of the arguments.
            verdict.impact.rust_api = super::Verdict::Breaking;
        }
        verdict.add_details(&details, old.id == new.id);
        if self.old.is_used_bare(old_id) && details.iter().any(|field| field.impact.breaks_wire()) {
            let reason = "it is used bare, too, where no id tells old from new";
            verdict.add(Impact::WIRE, reason);
        }
        if verdict.reasons.is_empty() {
            return None;
        }
        let kind = match (is_renamed, is_moved, verdict.reasons.len()) {
            (true, ..) => ChangeKind::Renamed,
            (_, true, 1) => ChangeKind::Moved,
            _ => ChangeKind::Changed,
        };
        Some(Change {
            kind,
            combinator: new.kind,
            name: new.name.clone(),
            old: Some(definition(self.old.schema, old_id)),
            new: Some(definition(self.new.schema, new_id)),
            impact: verdict.impact,
            reason: verdict.reasons.join("; "),
            details,
        })
    }
}

/// What was found about one definition.
#[derive(Default)]
struct Findings {
    impact: Impact,
    reasons: Vec<String>,
}

impl Findings {
    fn add(&mut self, impact: Impact, reason: impl Into<String>) {
        self.impact = self.impact.and(impact);
        self.reasons.push(reason.into());
    }

    fn add_result(&mut self, impact: Impact, kind: CombinatorKind) {
        match kind {
            CombinatorKind::Function => self.add(impact, "it returns something else"),
            CombinatorKind::Constructor => {
                let rust = Impact::rust(true);
                self.add(impact.and(rust), "it constructs another type");
            }
        }
    }

    fn add_details(&mut self, details: &[FieldChange], keeps_id: bool) {
        let Some(worst) = (details.iter()).max_by_key(|detail| detail.impact.breaks_wire()) else {
            return;
        };
        let impact = details
            .iter()
            .fold(Impact::NONE, |impact, detail| impact.and(detail.impact));
        if !keeps_id {
            // The id says it all, but for the Rust.
            self.impact.rust_api = self.impact.rust_api.max(impact.rust_api);
            return;
        }
        let reason = if worst.impact.breaks_wire() {
            "its id stays, but its bytes are others"
        } else {
            "its id stays, and its bytes mean what they did"
        };
        self.add(impact, reason);
    }
}

/// Whether a constructor has a variant without a payload.
fn is_empty(combinator: &Combinator) -> bool {
    combinator
        .params
        .iter()
        .all(|param: &Param| param.is_implicit)
}

fn definition(schema: &Schema, id: CombinatorId) -> Definition {
    let combinator = &schema[id];
    let labels = own_labels(&combinator.params);
    let forms = Forms {
        schema,
        labels: &labels,
    };
    Definition {
        name: combinator.name.clone(),
        id: combinator.id,
        result: forms.term(&combinator.result, Style::Tl),
        layer: combinator.layer,
        span: combinator.span,
        name_span: combinator.name_span,
    }
}
