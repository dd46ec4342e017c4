//! `tlc show`: all that is known of one name.

use std::path::PathBuf;

use clap::Args;
use tl_parser::schema::{
    Combinator, CombinatorId, CombinatorKind, Docs, Reach, TypeId, Use, View, WireSize, WireSizes,
};

use crate::Outcome;
use crate::loaded::{Loaded, view_at};
use crate::output::{Printer, plural};

/// Show a constructor, function or type: its text and docs, its id, its size on the wire, who uses it and what it needs.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The name as written in TL, `messages.sendMessage` or `User`.
    name: String,

    /// Schema files, or `-` for standard input. Those without a layer make one schema; one that states its layer is a schema of its own.
    #[arg(required = true, value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,

    /// The layer to look at [default: the newest].
    #[arg(long, value_name = "N")]
    layer: Option<u32>,

    /// Name everything it needs, itself included: what `tlc generate --only NAME` would generate.
    #[arg(long)]
    reach: bool,
}

pub(crate) fn run(arguments: Arguments, printer: &mut Printer) -> anyhow::Result<Outcome> {
    let loaded = Loaded::new(&arguments.schemas)?;
    let outcome = loaded.report_errors(printer)?;
    let mut pages = Vec::new();
    for reading in &loaded.readings {
        let Some(view) = view_at(&reading.schema, arguments.layer) else {
            continue;
        };
        let page = Page {
            loaded: &loaded,
            view: &view,
            names_reach: arguments.reach,
        };
        pages.extend(page.all(&arguments.name));
    }
    if pages.is_empty() {
        let near = loaded
            .readings
            .iter()
            .find_map(|reading| reading.schema.nearest_name(&arguments.name));
        let hint = match near {
            Some(near) if near == arguments.name => "; another layer has it".to_owned(),
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        printer.note(&format!("nothing is called `{}`{hint}", arguments.name))?;
        return Ok(Outcome::Findings);
    }
    printer.text(&pages.join("\n"))?;
    Ok(outcome)
}

/// Writes what is known of names in one view of a schema.
struct Page<'p, 'a> {
    loaded: &'p Loaded,
    view: &'p View<'a>,
    names_reach: bool,
}

impl Page<'_, '_> {
    fn all(&self, name: &str) -> Vec<String> {
        let schema = self.view.schema();
        let combinators: Vec<_> = schema
            .combinators()
            .filter(|(id, combinator)| combinator.name.as_str() == name && self.view.holds(*id))
            .collect();
        let types: Vec<_> = schema
            .types()
            .filter(|(id, ty)| {
                let is_here = self.view.constructors(*id).next().is_some();
                ty.name.as_str() == name && (is_here || ty.constructors.is_empty())
            })
            .collect();
        if combinators.is_empty() && types.is_empty() {
            return Vec::new();
        }
        let sizes = self.view.wire_sizes();
        let combinators = combinators
            .into_iter()
            .map(|(id, combinator)| self.combinator(id, combinator, &sizes));
        let types = types.into_iter().map(|(id, _)| self.ty(id, &sizes));
        combinators.chain(types).collect()
    }

    fn combinator(&self, id: CombinatorId, combinator: &Combinator, sizes: &WireSizes) -> String {
        let schema = self.view.schema();
        let mut text = format!("{}\n\n", self.loaded.text(combinator));
        if let Some(docs) = &combinator.docs {
            write_docs(&mut text, docs);
        }
        if !combinator.is_prelude {
            field(
                &mut text,
                "defined",
                &self.loaded.sources.locate(combinator.span),
            );
        }
        if !schema.layers().is_empty() && !combinator.is_prelude {
            field(&mut text, "layer", &self.layers(combinator));
        }
        field(&mut text, "id", &id_text(combinator));
        let size = sizes.of_combinator(id);
        match combinator.kind {
            CombinatorKind::Function => {
                field(&mut text, "size", &size_text(size.map(WireSize::boxed)))
            }
            CombinatorKind::Constructor => {
                field(&mut text, "bare", &size_text(size));
                field(&mut text, "boxed", &size_text(size.map(WireSize::boxed)));
            }
        }
        self.write_reach(&mut text, &self.view.reach([id]));
        if combinator.kind == CombinatorKind::Constructor {
            let bare = self.view.bare_uses(id);
            let of_type = |ty| self.view.uses_of_type(ty);
            let boxed = schema.result_type(id).map(of_type).unwrap_or_default();
            // Where its type is named bare, it is the only constructor and is listed already.
            let boxed = boxed.into_iter().filter(|one| !bare.contains(one));
            self.write_uses(&mut text, &[("bare ", bare.clone()), ("", boxed.collect())]);
        }
        text
    }

    fn ty(&self, id: TypeId, sizes: &WireSizes) -> String {
        let schema = self.view.schema();
        let ty = &schema[id];
        let mut text = format!("{}\n\n", ty.name);
        if let Some(docs) = &ty.docs {
            text.push_str(&format!("  {docs}\n\n"));
        }
        for constructor in self.view.constructors(id) {
            text.push_str(&format!("  {}\n", self.loaded.text(&schema[constructor])));
        }
        text.push('\n');
        field(&mut text, "size", &size_text(sizes.of_type(id)));
        let reach = self.view.reach(self.view.constructors(id));
        self.write_reach(&mut text, &reach);
        self.write_uses(&mut text, &[("", self.view.uses_of_type(id))]);
        text
    }

    /// The layers that define the name.
    fn layers(&self, combinator: &Combinator) -> String {
        let all = self.view.schema().combinators();
        let others = all
            .filter(|(_, other)| other.name == combinator.name && other.layer != combinator.layer);
        let others: Vec<_> = others
            .filter_map(|(_, other)| Some(other.layer?.to_string()))
            .collect();
        let own = combinator
            .layer
            .map_or_else(String::new, |layer| layer.to_string());
        match others.len() {
            0 => own,
            _ => format!("{own} (also defined at {})", others.join(", ")),
        }
    }

    fn write_reach(&self, text: &mut String, reach: &Reach) {
        let schema = self.view.schema();
        let types = reach.types.iter().map(|&id| &schema[id]);
        let types: Vec<_> = types
            .filter(|ty| ty.constructors.iter().any(|&id| is_own(&schema[id])))
            .map(|ty| ty.name.as_str())
            .collect();
        let constructors = reach.combinators.iter().map(|&id| &schema[id]);
        let constructors: Vec<_> = constructors
            .filter(|one| one.kind == CombinatorKind::Constructor && is_own(one))
            .map(|one| one.name.as_str())
            .collect();
        if types.is_empty() && constructors.is_empty() {
            return;
        }
        let counts = format!(
            "{}, {}",
            plural(types.len(), "type"),
            plural(constructors.len(), "constructor")
        );
        field(text, "needs", &counts);
        if self.names_reach {
            for name in types.into_iter().chain(constructors) {
                text.push_str(&format!("    {name}\n"));
            }
        }
    }

    /// The places, by how they hold a value and by what they do with it.
    fn write_uses(&self, text: &mut String, uses: &[(&str, Vec<Use<'_>>)]) {
        if uses.iter().all(|(_, uses)| uses.is_empty()) {
            field(text, "used", "nowhere");
        }
        let roles = [
            (Role::Held, "in constructors"),
            (Role::Taken, "in functions"),
            (Role::Returned, "returned by"),
        ];
        for (how, uses) in uses {
            for (role, title) in roles {
                let group: Vec<_> = uses.iter().filter(|one| self.role(one) == role).collect();
                if !group.is_empty() {
                    field(text, &format!("{how}{title}"), &group.len().to_string());
                }
                for one in group {
                    self.write_use(text, one);
                }
            }
        }
    }

    fn write_use(&self, text: &mut String, one: &Use<'_>) {
        let name = &self.view.schema()[one.by].name;
        match one.argument {
            Some(argument) => {
                let argument = self.loaded.sources.one_line(argument.span);
                text.push_str(&format!("    {name} {argument}\n"));
            }
            None => text.push_str(&format!("    {name}\n")),
        }
    }

    fn role(&self, one: &Use<'_>) -> Role {
        match (one.argument, self.view.schema()[one.by].kind) {
            (Some(_), CombinatorKind::Constructor) => Role::Held,
            (Some(_), CombinatorKind::Function) => Role::Taken,
            (None, _) => Role::Returned,
        }
    }
}

/// What a place does with a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Held,
    Taken,
    Returned,
}

/// Whether a definition comes from a schema and is no built-in type.
fn is_own(combinator: &Combinator) -> bool {
    !combinator.is_prelude && combinator.builtin.is_none()
}

fn field(text: &mut String, name: &str, value: &str) {
    text.push_str(&format!("  {name}: {value}\n"));
}

fn write_docs(text: &mut String, docs: &Docs) {
    text.push_str(&format!("  {}\n", docs.description));
    for (name, about) in &docs.args {
        text.push_str(&format!("    {name}: {about}\n"));
    }
    text.push('\n');
}

fn id_text(combinator: &Combinator) -> String {
    let id = combinator.id;
    let Some(mismatch) = &combinator.id_mismatch else {
        return match combinator.explicit_id {
            Some(_) => format!("{id:08x}, as given and by rule"),
            None => format!("{id:08x} by rule, none given"),
        };
    };
    let computed = mismatch.computed_id;
    match &mismatch.exception {
        Some(reason) => format!("{id:08x} as given, {computed:08x} by rule ({reason})"),
        None => format!("{id:08x} as given, {computed:08x} by rule"),
    }
}

fn size_text(size: Option<WireSize>) -> String {
    size.map_or_else(|| "no finite value".to_owned(), |size| size.to_string())
}
