//! A resolved schema as short text that a person can judge.
//!
//! One line for each type and each definition that comes from a file. A variable is shown as `name@N`, N being its
//! number, so that it is plain which argument is meant; the bare type of a constructor by the constructor's name, a boxed
//! one by the type's, with its arguments in `<…>`.

use std::fmt::Write;

use tl_parser::schema::{
    Applied, Combinator, CombinatorId, CombinatorKind, Kind, Param, Schema, Term, Type, TypeId,
    VarId,
};

/// The whole schema.
pub(crate) fn dump(schema: &Schema) -> String {
    let mut out = String::new();
    if !schema.layers().is_empty() {
        writeln!(out, "layers {:?}", schema.layers()).expect("a string");
    } else if let Some(layer) = schema.layer() {
        writeln!(out, "layer {layer}").expect("a string");
    }
    if let Some(link) = schema.docs_link() {
        writeln!(out, "docs at {link}").expect("a string");
    }
    for (id, ty) in schema.types() {
        let is_own = |id: &CombinatorId| !schema[*id].is_prelude;
        if ty.constructors.is_empty() || ty.constructors.iter().any(is_own) {
            out.push_str(&of_type(schema, id, ty));
        }
    }
    for (_, combinator) in schema.combinators().filter(|(_, one)| !one.is_prelude) {
        out.push('\n');
        out.push_str(&of_combinator(schema, combinator));
    }
    for partial in schema.partial_applications() {
        write!(out, "\npartial {}", partial.name).expect("a string");
        let kind = match partial.head {
            Applied::Type(id) => format!(" of type {}", schema[id].name),
            Applied::Combinator(id) => format!(" of {}", schema[id].name),
        };
        out.push_str(&kind);
        for instance in &partial.instances {
            write!(out, "\n  {}", of_combinator(schema, instance)).expect("a string");
        }
    }
    out.push('\n');
    out
}

/// `type Pair Type Type = pair`
fn of_type(schema: &Schema, id: TypeId, ty: &Type) -> String {
    let mut out = format!("type {}", ty.name);
    for param in &ty.params {
        out.push_str(match param {
            Kind::Type => " Type",
            Kind::Nat => " #",
        });
    }
    let constructors = schema[id].constructors.iter();
    let names: Vec<_> = constructors
        .map(|constructor| {
            let combinator = &schema[*constructor];
            match combinator.layer {
                Some(layer) => format!("{} ({layer})", combinator.name),
                None => combinator.name.to_string(),
            }
        })
        .collect();
    write!(out, " = {}", names.join(" | ")).expect("a string");
    if let Some(builtin) = ty.builtin {
        write!(out, "; builtin {builtin:?}").expect("a string");
    }
    out.push('\n');
    if let Some(docs) = &ty.docs {
        writeln!(out, "  {docs:?}").expect("a string");
    }
    out
}

/// `constructor pair#7e4f2d2e {X@0:Type} {Y@1:Type} a@2:X@0 b@3:Y@1 = Pair<X@0, Y@1>`
fn of_combinator(schema: &Schema, combinator: &Combinator) -> String {
    let mut out = String::new();
    if let Some(layer) = combinator.layer {
        write!(out, "layer {layer} ").expect("a string");
    }
    out.push_str(match combinator.kind {
        CombinatorKind::Constructor => "constructor ",
        CombinatorKind::Function => "function ",
    });
    write!(out, "{}#{:08x}", combinator.name, combinator.id).expect("a string");
    let printer = Printer {
        schema,
        names: names(&combinator.params),
    };
    for param in &combinator.params {
        out.push(' ');
        out.push_str(&printer.param(param));
    }
    write!(out, " = {}", printer.term(&combinator.result)).expect("a string");
    if let Some(builtin) = combinator.builtin {
        write!(out, "; builtin {builtin:?}").expect("a string");
    }
    if let Some(mismatch) = &combinator.id_mismatch {
        let reason = mismatch.exception.as_deref().unwrap_or("unknown");
        write!(out, "; text gives {:08x}: {reason}", mismatch.computed_id).expect("a string");
    }
    if let Some(docs) = &combinator.docs {
        write!(out, "\n  {:?}", docs.description).expect("a string");
        for (name, text) in &docs.args {
            write!(out, "\n  {name}: {text:?}").expect("a string");
        }
    }
    out
}

/// The names of all variables, by number.
fn names(params: &[Param]) -> Vec<(VarId, &str)> {
    let mut names = Vec::new();
    Param::walk(params, &mut |param| {
        names.push((param.var, param.name.as_deref().unwrap_or("_")));
    });
    names
}

struct Printer<'a> {
    schema: &'a Schema,
    names: Vec<(VarId, &'a str)>,
}

impl Printer<'_> {
    fn param(&self, param: &Param) -> String {
        let mut out = self.var(param.var);
        out.push(':');
        if let Some(condition) = param.condition {
            out.push_str(&self.var(condition.word));
            if let Some(bit) = condition.bit {
                write!(out, ".{bit}").expect("a string");
            }
            out.push('?');
        }
        out.push_str(if param.is_query { "!" } else { "" });
        out.push_str(&self.term(&param.ty));
        if param.is_implicit {
            out = format!("{{{out}}}");
        }
        out
    }

    fn var(&self, var: VarId) -> String {
        let name = self.names.iter().find(|(own, _)| *own == var);
        format!("{}@{}", name.map_or("?", |(_, name)| name), var.0)
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Type => "Type".to_owned(),
            Term::Nat => "#".to_owned(),
            Term::Number(number) => number.to_string(),
            Term::Var { var, bare } => {
                format!("{}{}", if *bare { "%" } else { "" }, self.var(*var))
            }
            Term::Sum(term, number) => format!("({} + {number})", self.term(term)),
            Term::Boxed(ty, args) => self.applied(self.schema[*ty].name.as_str(), args),
            Term::Bare(id, args) => self.applied(&self.constructor(*id), args),
            Term::BareType(ty, args) => self.applied(&format!("%{}", self.schema[*ty].name), args),
            Term::Repeat(repeat) => {
                let params: Vec<_> = repeat
                    .params
                    .iter()
                    .map(|param| self.param(param) + " ")
                    .collect();
                format!("{}*[ {}]", self.term(&repeat.count), params.concat())
            }
        }
    }

    /// A constructor's name, with its layer, or its type where it has no name.
    fn constructor(&self, id: CombinatorId) -> String {
        let constructor = &self.schema[id];
        let mut name = constructor.name.to_string();
        if name == "_"
            && let Some(ty) = self.schema.result_type(id)
        {
            write!(name, ":{}", self.schema[ty].name).expect("a string");
        }
        if let Some(layer) = constructor.layer {
            write!(name, " ({layer})").expect("a string");
        }
        name
    }

    fn applied(&self, name: &str, args: &[Term]) -> String {
        if args.is_empty() {
            return name.to_owned();
        }
        let args: Vec<_> = args.iter().map(|arg| self.term(arg)).collect();
        format!("{name}<{}>", args.join(", "))
    }
}
