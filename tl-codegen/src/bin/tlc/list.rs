//! `tlc list`: the definitions of schemas, one a line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tl_parser::schema::{Combinator, CombinatorKind, Name, Reading, TypeId, View};

use crate::Outcome;
use crate::loaded::{Loaded, view_at};
use crate::output::Printer;

/// List the definitions of schemas that match all filters, in source order.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Schema files, or `-` for standard input. Those without a layer make one schema; one that states its layer is a schema of its own.
    #[arg(required = true, value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,

    /// Only names that fit, where * stands for any text.
    #[arg(long, value_name = "GLOB")]
    name: Option<String>,

    /// Only what makes or returns a type whose name fits.
    #[arg(long = "type", value_name = "GLOB")]
    ty: Option<String>,

    /// Only what lies in a namespace, at any depth; "" is what has none.
    #[arg(long, value_name = "NS")]
    namespace: Option<String>,

    /// Only what holds at a layer [default: everything of every layer].
    #[arg(long, value_name = "N")]
    layer: Option<u32>,

    /// Only types, constructors or functions [default: constructors and functions].
    #[arg(long)]
    kind: Option<Kind>,

    /// How the list is printed.
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The names of types.
    Types,
    Constructors,
    Functions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// As the formatter writes it.
    Text,
    /// One JSON object a line.
    Json,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let loaded = Loaded::new(&arguments.schemas)?;
    let outcome = loaded.report_errors(printer)?;
    let mut text = String::new();
    for reading in &loaded.readings {
        let lines = match (arguments.kind, view_at(&reading.schema, arguments.layer)) {
            (_, None) => continue,
            (Some(Kind::Types), Some(view)) => arguments.types(&view),
            (_, Some(view)) => arguments.combinators(&loaded, reading, &view),
        };
        for line in lines {
            text.push_str(&match arguments.format {
                Format::Text => line.definition,
                Format::Json => serde_json::to_string(&line)?,
            });
            text.push('\n');
        }
    }
    printer.text(&text)?;
    if text.is_empty() {
        printer.note("no definition matches")?;
        return Ok(Outcome::Findings);
    }
    Ok(outcome)
}

#[derive(Serialize)]
struct Line {
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    constructors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    definition: String,
}

impl Arguments {
    fn combinators(&self, loaded: &Loaded, reading: &Reading, view: &View<'_>) -> Vec<Line> {
        let schema = &reading.schema;
        let is_listed = |combinator: &Combinator, ty: Option<TypeId>| {
            let is_of_kind = match self.kind {
                Some(Kind::Functions) => combinator.kind == CombinatorKind::Function,
                Some(_) => combinator.kind == CombinatorKind::Constructor,
                None => true,
            };
            let has_type = match (&self.ty, ty) {
                (Some(pattern), ty) => ty.is_some_and(|ty| schema[ty].name.fits(pattern)),
                (None, _) => true,
            };
            !combinator.is_prelude && is_of_kind && has_type && self.has_name(&combinator.name)
        };
        let line = |(id, combinator): (_, &Combinator)| {
            let ty = schema.result_type(id);
            let holds = self.layer.is_none() || view.holds(id);
            (holds && is_listed(combinator, ty)).then(|| Line {
                kind: match combinator.kind {
                    CombinatorKind::Constructor => "constructor",
                    CombinatorKind::Function => "function",
                },
                name: combinator.name.to_string(),
                id: Some(format!("{:08x}", combinator.id)),
                ty: ty.map(|ty| schema[ty].name.to_string()),
                layer: combinator.layer,
                constructors: Vec::new(),
                place: Some(loaded.sources.locate(combinator.span)),
                definition: loaded.text(combinator),
            })
        };
        schema.combinators().filter_map(line).collect()
    }

    fn types(&self, view: &View<'_>) -> Vec<Line> {
        let schema = view.schema();
        let is_listed = |name: &Name| {
            self.ty.as_ref().is_none_or(|pattern| name.fits(pattern)) && self.has_name(name)
        };
        let line = |ty: TypeId| Line {
            kind: "type",
            name: schema[ty].name.to_string(),
            id: None,
            ty: None,
            layer: None,
            constructors: view
                .constructors(ty)
                .map(|id| schema[id].name.to_string())
                .collect(),
            place: None,
            definition: schema[ty].name.to_string(),
        };
        let types = view.types().filter(|&ty| is_listed(&schema[ty].name));
        types.map(line).collect()
    }

    fn has_name(&self, name: &Name) -> bool {
        let in_namespace = |namespace: &String| match name.namespace() {
            Some(own) => own.strip_prefix(namespace.as_str()).is_some_and(|rest| {
                !namespace.is_empty() && (rest.is_empty() || rest.starts_with('.'))
            }),
            None => namespace.is_empty(),
        };
        self.name.as_ref().is_none_or(|pattern| name.fits(pattern))
            && self.namespace.as_ref().is_none_or(in_namespace)
    }
}
