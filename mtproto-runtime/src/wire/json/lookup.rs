//! What JSON looks up in definitions that bytes don't: by name, and calls.

use crate::wire::definitions::{Definition, Definitions, Field, Fields, find};

impl Definitions {
    /// The function of an id.
    pub(super) fn function(&self, id: u32) -> Option<Definition> {
        find(self.functions, id)
    }

    /// The constructors of a type, by name.
    pub(super) fn of_type(
        &self,
        ty: &str,
    ) -> impl ExactSizeIterator<Item = Definition> + Clone + use<'_> {
        let ids = self.ids_of(ty).iter();
        ids.map(|&id| self.constructor(id).unwrap_or(Definition::of(id, "")))
    }

    /// The constructor of a type that has this name.
    pub(super) fn named(&self, ty: &str, name: &str) -> Option<Definition> {
        let ids = self.ids_of(ty);
        let at = ids.partition_point(|&id| self.constructor(id).is_some_and(|own| own.name < name));
        let found = self.constructor(*ids.get(at)?)?;
        (found.name == name).then_some(found)
    }

    /// The function that has this name.
    pub(super) fn function_named(&self, name: &str) -> Option<Definition> {
        all(self.functions).find(|own| own.name == name)
    }

    /// The constructor that has this name, of any type.
    pub(super) fn constructor_named(&self, name: &str) -> Option<Definition> {
        all(self.constructors).find(|own| own.name == name)
    }
}

fn all(rows: &'static [(u32, &'static str)]) -> impl Iterator<Item = Definition> {
    rows.iter().map(|&(id, line)| Definition::of(id, line))
}

impl Fields {
    pub(super) fn are_of_item(self) -> bool {
        self.separator == b';'
    }
}

impl Field {
    /// Whether it is a bit of a mask and nothing else.
    pub(super) fn is_flag(&self) -> bool {
        self.condition.is_some() && self.form == "true"
    }
}

/// The parts between separators that no brackets hold.
pub(super) fn split(
    text: &'static str,
    separator: char,
) -> impl Iterator<Item = &'static str> + Clone {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    core::iter::from_fn(move || {
        let text = rest?;
        let mut depth = 0_u32;
        let end = text.find(|c| {
            match c {
                '<' | '[' | '{' => depth += 1,
                '>' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && c == separator
        });
        let (part, after) = match end {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(part)
    })
}

/// Whether a field's form is `n*[…]` or `n*{…}`.
pub(super) fn is_repetition(form: &str) -> bool {
    form.find(['*', '<'])
        .is_some_and(|at| form[at..].starts_with('*'))
}
