//! Which argument of the old definition became which of the new one.

use std::collections::HashMap;

use super::form::{Forms, Labels, Style, is_true};
use crate::schema::{Param, Schema, Term, VarId};

/// The variables of both definitions under labels of their own: one label for what is the same variable. By them terms
/// of different definitions can be compared.
pub(super) struct Aligner<'a> {
    old: &'a Schema,
    new: &'a Schema,
    /// Whether both definitions have one id: what stands in the same place is the same argument then, whatever its name.
    keeps_id: bool,
    old_labels: Labels,
    new_labels: Labels,
    old_to_new: HashMap<VarId, VarId>,
    new_to_old: HashMap<VarId, VarId>,
}

/// One list of arguments against another, by their places.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Alignment {
    /// Per new argument, the old one.
    pub old_of: Vec<Option<usize>>,
    /// Per old argument, the new one.
    pub new_of: Vec<Option<usize>>,
    /// Per new argument, whether it overtook others that take bytes.
    pub is_moved: Vec<bool>,
}

impl<'a> Aligner<'a> {
    pub(super) fn new(old: &'a Schema, new: &'a Schema, keeps_id: bool) -> Self {
        Self {
            old,
            new,
            keeps_id,
            old_labels: Labels::new(),
            new_labels: Labels::new(),
            old_to_new: HashMap::new(),
            new_to_old: HashMap::new(),
        }
    }

    /// What became of a variable of the old definition.
    pub(super) fn new_of(&self, old: VarId) -> Option<VarId> {
        self.old_to_new.get(&old).copied()
    }

    /// What a variable of the new definition was.
    pub(super) fn old_of(&self, new: VarId) -> Option<VarId> {
        self.new_to_old.get(&new).copied()
    }

    pub(super) fn old_forms(&self) -> Forms<'_> {
        Forms {
            schema: self.old,
            labels: &self.old_labels,
        }
    }

    pub(super) fn new_forms(&self) -> Forms<'_> {
        Forms {
            schema: self.new,
            labels: &self.new_labels,
        }
    }

    /// Aligns two lists: by name first, then by form and place. All lists around them are aligned already.
    pub(super) fn align(&mut self, old: &[Param], new: &[Param]) -> Alignment {
        let mut alignment = Alignment {
            old_of: vec![None; new.len()],
            new_of: vec![None; old.len()],
            is_moved: vec![false; new.len()],
        };
        self.label_apart(old, new);
        self.by_name(old, new, &mut alignment);
        self.by_form(old, new, &mut alignment, is_variable);
        if self.keeps_id {
            self.by_form(old, new, &mut alignment, |_| true);
        }
        self.find_moved(old, new, &mut alignment);
        alignment
    }

    fn label_apart(&mut self, old: &[Param], new: &[Param]) {
        for param in old {
            let label = format!("old {}", param.var.0);
            self.old_labels.insert(param.var, label);
        }
        for param in new {
            let label = format!("new {}", param.var.0);
            self.new_labels.insert(param.var, label);
        }
    }

    fn pair(&mut self, old: VarId, new: VarId) {
        let label = format!("both {}", new.0);
        self.old_labels.insert(old, label.clone());
        self.new_labels.insert(new, label);
        self.old_to_new.insert(old, new);
        self.new_to_old.insert(new, old);
    }

    /// Arguments without a name are told apart by their order, as are those that a broken schema calls alike.
    fn by_name(&mut self, old: &[Param], new: &[Param], alignment: &mut Alignment) {
        fn keys(params: &[Param]) -> impl Iterator<Item = (&str, usize)> {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            params.iter().map(move |param| {
                let name = param.name.as_deref().unwrap_or_default();
                let count = counts.entry(name).or_default();
                *count += 1;
                (name, *count)
            })
        }
        let places: HashMap<_, _> = keys(new).enumerate().map(|(at, key)| (key, at)).collect();
        for (at, key) in keys(old).enumerate() {
            if let Some(&to) = places.get(&key) {
                alignment.set(at, to);
                self.pair(old[at].var, new[to].var);
            }
        }
    }

    /// Pairs what is left where form and place are the same.
    fn by_form(
        &mut self,
        old: &[Param],
        new: &[Param],
        alignment: &mut Alignment,
        is_meant: impl Fn(&Param) -> bool,
    ) {
        let gaps = gaps(self.new, new, |at| {
            alignment.old_of[at].is_some().then_some(at)
        });
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, param) in new.iter().enumerate().rev() {
            if alignment.old_of[at].is_none() && is_meant(param) {
                let key = form_key(self.new_forms(), param, gaps[at]);
                places.entry(key).or_default().push(at);
            }
        }
        let gaps = self::gaps(self.old, old, |at| alignment.new_of[at]);
        for (at, param) in old.iter().enumerate() {
            if alignment.new_of[at].is_some() || !is_meant(param) {
                continue;
            }
            let key = form_key(self.old_forms(), param, gaps[at]);
            if let Some(to) = places.get_mut(&key).and_then(Vec::pop) {
                alignment.set(at, to);
                self.pair(param.var, new[to].var);
            }
        }
    }

    fn find_moved(&self, old: &[Param], new: &[Param], alignment: &mut Alignment) {
        let both = |(at, to): (usize, Option<usize>)| {
            to.filter(|&to| takes_bytes(self.old, &old[at]) && takes_bytes(self.new, &new[to]))
        };
        let order: Vec<usize> = (alignment.new_of.iter().copied().enumerate())
            .filter_map(both)
            .collect();
        let stay = longest_ascent(&order);
        for to in order {
            alignment.is_moved[to] = stay.binary_search(&to).is_err();
        }
    }
}

impl Alignment {
    fn set(&mut self, old: usize, new: usize) {
        self.old_of[new] = Some(old);
        self.new_of[old] = Some(new);
    }
}

/// Whether an argument shifts what comes behind it.
pub(super) fn takes_bytes(schema: &Schema, param: &Param) -> bool {
    !param.is_implicit && !is_true(schema, &param.ty)
}

/// Whether later arguments may speak of it, so that its name is a matter of taste.
fn is_variable(param: &Param) -> bool {
    matches!(param.ty, Term::Type | Term::Nat)
}

fn form_key(forms: Forms<'_>, param: &Param, gap: Option<usize>) -> (String, bool, Option<usize>) {
    // A mere flag is its bit, wherever it stands.
    let place = takes_bytes(forms.schema, param).then_some(gap).flatten();
    (forms.value(param, Style::Wire), param.is_implicit, place)
}

/// Per argument, the paired one before it that takes bytes, by its place among the new ones.
fn gaps(
    schema: &Schema,
    params: &[Param],
    place: impl Fn(usize) -> Option<usize>,
) -> Vec<Option<usize>> {
    let mut last = None;
    let gap = |(at, param): (usize, &Param)| {
        let gap = last;
        if takes_bytes(schema, param) {
            last = place(at).or(last);
        }
        gap
    };
    params.iter().enumerate().map(gap).collect()
}

/// The longest ascending choice of some different numbers.
fn longest_ascent(numbers: &[usize]) -> Vec<usize> {
    // Per length the place of the smallest number that an ascent of this length can end with, and per place the one before.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (at, &number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|&end| numbers[end] < number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut ascent: Vec<usize> =
        std::iter::successors(ends.last().copied(), |&at| before[at]).collect();
    ascent.reverse();
    ascent.into_iter().map(|at| numbers[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_ascent_leaves_out_as_few_as_possible() {
        assert_eq!(longest_ascent(&[]), [0_usize; 0]);
        assert_eq!(longest_ascent(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(longest_ascent(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(longest_ascent(&[1, 2, 0, 3]), [1, 2, 3]);
        assert_eq!(longest_ascent(&[1, 0]), [0]);
    }
}
