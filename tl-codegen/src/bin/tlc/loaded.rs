//! Schemas read to be looked at: what is sound in them, and the text of every definition.

use std::collections::HashMap;
use std::path::PathBuf;

use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{Combinator, Options, Reading, Schema, View, read};
use tl_parser::span::{Sources, Span};
use tl_parser::syntax::ast::Item;
use tl_parser::syntax::{parse, print};

use crate::Outcome;
use crate::output::Printer;
use crate::settings::read_sources;

/// Schemas with their texts.
pub(crate) struct Loaded {
    pub sources: Sources,
    pub readings: Vec<Reading>,
    /// Definitions as the printer writes them, by place.
    texts: HashMap<Span, String>,
}

impl Loaded {
    /// Reads schemas.
    pub(crate) fn new(schemas: &[PathBuf]) -> anyhow::Result<Self> {
        let sources = read_sources(schemas)?;
        let mut texts = HashMap::new();
        for (id, source) in sources.iter() {
            for item in parse(id, source.text()).file.items {
                if let Item::Combinator(tree) = item {
                    texts.insert(tree.span, print::combinator(&tree));
                }
            }
        }
        // Who looks at a schema sees both ids and needs no complaint about them.
        let options = Options {
            trust_ids: true,
            ..Options::default()
        };
        let readings = read(&sources, &options);
        Ok(Self {
            sources,
            readings,
            texts,
        })
    }

    /// Prints the errors: what they speak of may be missing from the result.
    pub(crate) fn report_errors(&self, printer: &mut Printer) -> anyhow::Result<Outcome> {
        let all = self
            .readings
            .iter()
            .flat_map(|reading| &reading.diagnostics);
        let errors: Vec<_> = all
            .filter(|found| Diagnostic::is_error(found))
            .cloned()
            .collect();
        printer.diagnostics(&self.sources, &errors);
        Ok(if errors.is_empty() {
            Outcome::Fine
        } else {
            Outcome::Findings
        })
    }

    /// A definition on one line.
    pub(crate) fn text(&self, combinator: &Combinator) -> String {
        match self.texts.get(&combinator.span) {
            Some(text) => text.clone(),
            None => format!("{}: built in, no schema has to define it", combinator.name),
        }
    }
}

/// A schema at a layer; `None` if the schema is of another layer. Without a layer: at its newest.
pub(crate) fn view_at(schema: &Schema, layer: Option<u32>) -> Option<View<'_>> {
    let is_other = schema.layers().is_empty()
        && layer.is_some_and(|layer| schema.layer().is_some_and(|own| own != layer));
    (!is_other).then(|| schema.view(layer.or(schema.layer())))
}
