//! Figures of what was generated.

use std::fmt;

use tl_codegen::{ItemKind, Output};

use crate::schemas::Bindings;

pub(crate) const HEADER: &str = "| schema | constructors | functions | lines | lines, borrowed forms too | compared | inputs | of them refused |\n\
                                 |---|---|---|---|---|---|---|---|\n";

pub(crate) fn row(bindings: &Bindings) -> String {
    let [borrowed, plain, ..] = &bindings.forms[..] else {
        panic!("two forms at least");
    };
    format!(
        "| {} | {} | {} | {} | {} |",
        bindings.name,
        count(&plain.output, ItemKind::Constructor),
        count(&plain.output, ItemKind::Function),
        lines(&plain.output),
        lines(&borrowed.output)
    )
}

/// What was generated in all.
#[derive(Default)]
pub(crate) struct Figures {
    schemas: usize,
    items: usize,
    dependent: usize,
    lines: usize,
    borrowed_lines: usize,
    pub(crate) refused: Vec<String>,
}

impl Figures {
    pub(crate) fn add(&mut self, bindings: &Bindings) {
        let [borrowed, plain, ..] = &bindings.forms[..] else {
            panic!("two forms at least");
        };
        self.schemas += 1;
        self.items += plain.output.items.len();
        let dependent = plain.output.items.iter().filter(|item| item.is_dependent);
        self.dependent += dependent.count();
        self.lines += lines(&plain.output);
        self.borrowed_lines += lines(&borrowed.output);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            schemas,
            items,
            dependent,
            lines,
            borrowed_lines,
            refused,
        } = self;
        write!(
            f,
            "{schemas} schemas: {items} structs and enums, {dependent} of them with numbers passed in, in {lines} lines; \
             {borrowed_lines} with the borrowed forms. Refused: {refused:?}"
        )
    }
}

fn count(output: &Output, kind: ItemKind) -> usize {
    let items = output.items.iter();
    items.filter(|item| item.kind == kind).count()
}

fn lines(output: &Output) -> usize {
    let files = output.files.iter();
    files.map(|(_, text)| text.lines().count()).sum()
}
