//! What becomes of one argument, and whom that breaks.

use super::align::{Aligner, takes_bytes};
use super::facts::Facts;
use super::form::{Forms, Labels, Style, is_true, own_labels, wire_impact};
use super::{ChangeKind, FieldChange, Impact};
use crate::schema::{CombinatorId, Condition, Param, Term};

/// Compares the arguments of two definitions.
pub(super) struct Comparer<'a> {
    old: &'a Facts<'a>,
    new: &'a Facts<'a>,
    old_id: CombinatorId,
    new_id: CombinatorId,
    aligner: Aligner<'a>,
    old_names: Labels,
    new_names: Labels,
    changes: Vec<FieldChange>,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(
        old: &'a Facts<'a>,
        new: &'a Facts<'a>,
        old_id: CombinatorId,
        new_id: CombinatorId,
    ) -> Self {
        let keeps_id = old.schema[old_id].id == new.schema[new_id].id;
        Self {
            old,
            new,
            old_id,
            new_id,
            aligner: Aligner::new(old.schema, new.schema, keeps_id),
            old_names: own_labels(&old.schema[old_id].params),
            new_names: own_labels(&new.schema[new_id].params),
            changes: Vec::new(),
        }
    }

    /// The arguments that differ, and whom the results' difference breaks, if there is one.
    pub(super) fn compare(mut self) -> (Vec<FieldChange>, Option<Impact>) {
        let (before, after) = (&self.old.schema[self.old_id], &self.new.schema[self.new_id]);
        self.compare_lists(&before.params, &after.params, "");
        let results = |style| {
            (
                self.aligner.old_forms().term(&before.result, style),
                self.aligner.new_forms().term(&after.result, style),
            )
        };
        let (wire, rust) = (results(Style::Wire), results(Style::Rust));
        let result = wire_impact(&wire.0, &wire.1).map(|wire| Impact {
            rust_api: Impact::of(false, false, rust.0 != rust.1).rust_api,
            ..wire
        });
        (self.changes, result)
    }

    fn compare_lists(&mut self, old: &[Param], new: &[Param], path: &str) {
        let alignment = self.aligner.align(old, new);
        let mut gone = old.iter().zip(&alignment.new_of).enumerate().peekable();
        for (at, param) in new.iter().enumerate() {
            let Some(before) = alignment.old_of[at] else {
                self.added(param, path);
                continue;
            };
            while let Some((_, (old, to))) = gone.next_if(|&(gone, _)| gone < before) {
                if to.is_none() {
                    self.removed(old, path);
                }
            }
            self.both(&old[before], param, alignment.is_moved[at], path);
        }
        for (_, (old, to)) in gone {
            if to.is_none() {
                self.removed(old, path);
            }
        }
    }

    fn added(&mut self, param: &Param, path: &str) {
        let (wire, reason) = self.judge_added(param);
        self.changes.push(FieldChange {
            kind: ChangeKind::Added,
            name: name(param, path),
            old: None,
            new: Some(self.new_text(param)),
            impact: wire.and(Impact::rust(has_rust_field(self.new, self.new_id, param))),
            reason,
        });
    }

    fn judge_added(&self, param: &Param) -> (Impact, String) {
        if param.is_implicit {
            let reason = "the definition depends on one more parameter".to_owned();
            return (Impact::WIRE, reason);
        }
        let Some(condition) = param.condition else {
            return if takes_bytes(self.new.schema, param) {
                let reason = "is always there: old data lack it, and old readers take its bytes for what follows";
                (Impact::WIRE, reason.to_owned())
            } else {
                (Impact::NONE, "takes no bytes".to_owned())
            };
        };
        let word = self.new_names_forms().label(condition.word);
        let Some(old_word) = self.aligner.old_of(condition.word) else {
            let reason = format!("stands behind the new mask `{word}`");
            return (Impact::NONE, reason);
        };
        let Some(bit) = condition.bit else {
            let reason = format!("depends on all of `{word}`, which has other uses");
            return (Impact::WIRE, reason);
        };
        match self.old.masks.user_of_bit(self.old_id, old_word, bit) {
            Some(user) => {
                let reason = match user.as_str() {
                    "a count" => format!("`{word}` is a count and has no free bits"),
                    _ => format!("bit {bit} of `{word}` is already used by {user}"),
                };
                (Impact::WIRE, reason)
            }
            None if is_true(self.new.schema, &param.ty) => {
                let reason = format!("takes the free bit {bit} of `{word}` and no bytes");
                (Impact::NONE, reason)
            }
            None => (
                Impact::NONE,
                format!("takes the free bit {bit} of `{word}`"),
            ),
        }
    }

    fn removed(&mut self, param: &Param, path: &str) {
        let (wire, reason) = self.judge_removed(param);
        self.changes.push(FieldChange {
            kind: ChangeKind::Removed,
            name: name(param, path),
            old: Some(self.old_text(param)),
            new: None,
            impact: wire.and(Impact::rust(has_rust_field(self.old, self.old_id, param))),
            reason,
        });
    }

    fn judge_removed(&self, param: &Param) -> (Impact, String) {
        if param.is_implicit {
            let reason = "the definition depends on one parameter less".to_owned();
            return (Impact::WIRE, reason);
        }
        let Some(condition) = param.condition else {
            return if takes_bytes(self.old.schema, param) {
                let reason = "was always there: old readers expect it, and old data has it";
                (Impact::WIRE, reason.to_owned())
            } else {
                (Impact::NONE, "took no bytes".to_owned())
            };
        };
        let text = self.old_names_forms().condition(condition);
        let is_flag = is_true(self.old.schema, &param.ty);
        if !is_flag && self.comes_from_outside(condition) {
            let reason = format!("the mask comes from outside and may still ask for `{text}`");
            return (Impact::WIRE, reason);
        }
        if let (false, Some(bit), Some(word)) =
            (is_flag, condition.bit, self.aligner.new_of(condition.word))
            && let Some(user) = self.new.masks.user_of_bit(self.new_id, word, bit)
        {
            let reason = format!("bit {bit} still stands for {user}, and old readers expect both");
            return (Impact::WIRE, reason);
        }
        let reason = format!("old data may still have `{text}` set, which no new reader knows");
        (Impact::of(false, true, false), reason)
    }

    fn both(&mut self, old: &Param, new: &Param, is_moved: bool, path: &str) {
        if let (Term::Repeat(before), Term::Repeat(after)) = (&old.ty, &new.ty) {
            let inner = format!("{}.", name(new, path));
            self.compare_lists(&before.params, &after.params, &inner);
        }
        let mut found = Found::default();
        if is_moved {
            found.add(
                Impact::WIRE,
                "stands elsewhere: fields are told apart by their order alone",
            );
        }
        self.compare_conditions(old, new, &mut found);
        self.compare_types(old, new, &mut found);
        let is_renamed = old.name != new.name;
        if is_renamed {
            let is_field = has_rust_field(self.new, self.new_id, new);
            found.add(Impact::rust(is_field), "the same place under another name");
        }
        let forms = |style| {
            (
                self.aligner.old_forms().value(old, style),
                self.aligner.new_forms().value(new, style),
            )
        };
        if found.reasons.is_empty() {
            return;
        }
        let rust_forms = forms(Style::Rust);
        let has_field = has_rust_field(self.old, self.old_id, old)
            || has_rust_field(self.new, self.new_id, new);
        found.impact = (found.impact).and(Impact::rust(has_field && rust_forms.0 != rust_forms.1));
        let kind = match (is_renamed, is_moved, found.reasons.len()) {
            (true, false, 1) => ChangeKind::Renamed,
            (false, true, 1) => ChangeKind::Moved,
            _ => ChangeKind::Changed,
        };
        self.changes.push(FieldChange {
            kind,
            name: name(new, path),
            old: Some(self.old_text(old)),
            new: Some(self.new_text(new)),
            impact: found.impact,
            reason: found.reasons.join("; "),
        });
    }

    fn compare_conditions(&self, old: &Param, new: &Param, found: &mut Found) {
        match (old.condition, new.condition) {
            (None, None) => {}
            (None, Some(_)) => found.add(Impact::WIRE, "is optional now"),
            (Some(_), None) => found.add(Impact::WIRE, "is always there now"),
            (Some(before), Some(after)) => {
                let same = self.aligner.old_forms().condition(before)
                    == self.aligner.new_forms().condition(after);
                if !same {
                    found.add(
                        Impact::WIRE,
                        format!(
                            "its bit is `{}`, no longer `{}`",
                            self.new_names_forms().condition(after),
                            self.old_names_forms().condition(before),
                        ),
                    );
                }
            }
        }
    }

    fn compare_types(&self, old: &Param, new: &Param, found: &mut Found) {
        let shape = |param: &Param| (param.is_implicit, param.is_query);
        let (wire, written) = match (&old.ty, &new.ty) {
            // What is repeated is compared on its own.
            (Term::Repeat(before), Term::Repeat(after)) => {
                let before = self.aligner.old_forms().term(&before.count, Style::Wire);
                let after = self.aligner.new_forms().term(&after.count, Style::Wire);
                (wire_impact(&before, &after), false)
            }
            (before, after) => (
                wire_impact(
                    &self.aligner.old_forms().term(before, Style::Wire),
                    &self.aligner.new_forms().term(after, Style::Wire),
                ),
                self.aligner.old_forms().term(before, Style::Tl)
                    != self.aligner.new_forms().term(after, Style::Tl),
            ),
        };
        let types = || {
            (
                self.old_names_forms().term(&old.ty, Style::Tl),
                self.new_names_forms().term(&new.ty, Style::Tl),
            )
        };
        if shape(old) != shape(new) {
            found.add(Impact::WIRE, "its brackets or its `!` are other ones");
        } else if let Some(impact) = wire {
            let (before, after) = types();
            let reason = match (impact.readers, impact.writers) {
                (a, b) if a == b => format!("its type is `{after}`, no longer `{before}`"),
                _ => format!("`{before}` and `{after}` look the same, but not all bytes are text"),
            };
            found.add(impact, reason);
        } else if written {
            let (before, after) = types();
            found.add(
                Impact::NONE,
                format!("`{before}` and `{after}` are the same bytes"),
            );
        }
    }

    fn comes_from_outside(&self, condition: Condition) -> bool {
        let params = &self.old.schema[self.old_id].params;
        // Variables ascend in the order of declarations.
        let word = params.binary_search_by_key(&condition.word, |param| param.var);
        word.is_ok_and(|at| params[at].is_implicit)
    }

    fn old_names_forms(&self) -> Forms<'_> {
        Forms {
            schema: self.old.schema,
            labels: &self.old_names,
        }
    }

    fn new_names_forms(&self) -> Forms<'_> {
        Forms {
            schema: self.new.schema,
            labels: &self.new_names,
        }
    }

    fn old_text(&self, param: &Param) -> String {
        self.old_names_forms().param(param)
    }

    fn new_text(&self, param: &Param) -> String {
        self.new_names_forms().param(param)
    }
}

/// What was found about one argument.
#[derive(Default)]
struct Found {
    impact: Impact,
    reasons: Vec<String>,
}

impl Found {
    fn add(&mut self, impact: Impact, reason: impl Into<String>) {
        self.impact = self.impact.and(impact);
        self.reasons.push(reason.into());
    }
}

fn name(param: &Param, path: &str) -> String {
    format!("{path}{}", param.name.as_deref().unwrap_or("_"))
}

/// Whether an argument can be seen in Rust: as a field, or as the type parameter of a query. Masks are computed.
fn has_rust_field(facts: &Facts<'_>, id: CombinatorId, param: &Param) -> bool {
    match param.ty {
        Term::Type => true,
        Term::Nat => !param.is_implicit && !facts.masks.is_mask(id, param.var),
        _ => !param.is_implicit,
    }
}
