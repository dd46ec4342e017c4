//! Terms as text: as TL writes them, as bytes they stand for, and as the Rust made of them. Equal texts, equal things.

use std::collections::HashMap;

use super::Impact;
use crate::schema::{Builtin, Condition, Kind, Param, Schema, Term, VarId};

/// What a text speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// The term as written, more or less.
    Tl,
    /// What it is on the wire. `string` and `bytes` differ in what they may hold.
    Wire,
    /// The type of the Rust field.
    Rust,
}

/// What the variables of one definition are called.
pub(super) type Labels = HashMap<VarId, String>;

/// The names that the variables have in their definition.
pub(super) fn own_labels(params: &[Param]) -> Labels {
    let mut labels = Labels::new();
    Param::walk(params, &mut |param| {
        let name = param.name.as_deref().unwrap_or("_");
        labels.insert(param.var, name.to_owned());
    });
    labels
}

/// Calls `visit` with a term and all terms in it. The params of a repetition are left to [`Param::walk`].
pub(super) fn visit_terms<'t>(term: &'t Term, visit: &mut impl FnMut(&'t Term)) {
    visit(term);
    match term {
        Term::Sum(inner, _) => visit_terms(inner, visit),
        Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
            args.iter().for_each(|arg| visit_terms(arg, visit));
        }
        Term::Repeat(repeat) => visit_terms(&repeat.count, visit),
        Term::Type | Term::Nat | Term::Number(_) | Term::Var { .. } => {}
    }
}

/// Writes the terms of one definition.
#[derive(Clone, Copy)]
pub(super) struct Forms<'a> {
    pub schema: &'a Schema,
    pub labels: &'a Labels,
}

impl<'a> Forms<'a> {
    pub(super) fn term(self, term: &Term, style: Style) -> String {
        let mut out = String::new();
        self.write(&mut out, term, style);
        out
    }

    /// The argument in TL.
    pub(super) fn param(self, param: &Param) -> String {
        let mut out = String::new();
        self.write_param(&mut out, param, Style::Tl);
        out
    }

    /// Condition and type of an argument, without its name.
    pub(super) fn value(self, param: &Param, style: Style) -> String {
        let mut out = String::new();
        self.write_value(&mut out, param, style);
        out
    }

    pub(super) fn condition(self, condition: Condition) -> String {
        let word = self.label(condition.word);
        match condition.bit {
            Some(bit) => format!("{word}.{bit}"),
            None => word.to_owned(),
        }
    }

    /// What a variable is called.
    pub(super) fn label(&self, var: VarId) -> &'a str {
        self.labels.get(&var).map_or("_", String::as_str)
    }

    fn write_param(self, out: &mut String, param: &Param, style: Style) {
        if param.is_implicit {
            out.push('{');
        }
        if let (Some(name), Style::Tl) = (&param.name, style) {
            out.push_str(name);
            out.push(':');
        }
        self.write_value(out, param, style);
        if param.is_implicit {
            out.push('}');
        }
    }

    fn write_value(self, out: &mut String, param: &Param, style: Style) {
        let condition = param.condition.map(|condition| self.condition(condition));
        match (condition, style) {
            // A mere flag is a `bool`, as a `Bool` is.
            (Some(_), Style::Rust) if is_true(self.schema, &param.ty) => {
                return out.push_str("bool");
            }
            (Some(_), Style::Rust) => out.push_str("Option "),
            (Some(condition), _) => {
                out.push_str(&condition);
                out.push('?');
            }
            (None, _) => {}
        }
        if param.is_query {
            out.push('!');
        }
        self.write(out, &param.ty, style);
    }

    fn write(self, out: &mut String, term: &Term, style: Style) {
        match term {
            Term::Type => out.push_str("Type"),
            Term::Nat => out.push_str(match style {
                Style::Tl => "#",
                Style::Wire => "int",
                Style::Rust => "u32",
            }),
            Term::Number(number) => out.push_str(&number.to_string()),
            Term::Var { var, bare } => {
                if *bare {
                    out.push('%');
                }
                out.push_str(self.label(*var));
            }
            Term::Sum(inner, number) => {
                self.write(out, inner, style);
                out.push('+');
                out.push_str(&number.to_string());
            }
            Term::Boxed(id, args) => {
                let ty = &self.schema[*id];
                match (style, ty.builtin) {
                    (Style::Rust, Some(Builtin::Bool)) => out.push_str("bool"),
                    (Style::Rust, Some(Builtin::Vector)) => out.push_str("Vec"),
                    (Style::Rust, Some(Builtin::Object | Builtin::Function)) => {
                        out.push_str("object");
                    }
                    (Style::Rust, _) => {
                        out.push_str("enum ");
                        out.push_str(ty.name.as_str());
                    }
                    _ => out.push_str(ty.name.as_str()),
                }
                self.write_args(out, args, &ty.params, style);
            }
            Term::BareType(id, args) => {
                let ty = &self.schema[*id];
                out.push('%');
                out.push_str(ty.name.as_str());
                self.write_args(out, args, &ty.params, style);
            }
            Term::Bare(id, args) => {
                let constructor = &self.schema[*id];
                match (style, constructor.builtin) {
                    (Style::Wire, Some(builtin)) => out.push_str(wire_name(builtin)),
                    (Style::Rust, Some(builtin)) => out.push_str(rust_name(builtin)),
                    (Style::Rust, None) => {
                        out.push_str("struct ");
                        out.push_str(constructor.name.as_str());
                    }
                    _ => out.push_str(constructor.name.as_str()),
                }
                let ty = self.schema.result_type(*id).map(|ty| &self.schema[ty]);
                self.write_args(out, args, ty.map_or(&[], |ty| &ty.params), style);
            }
            Term::Repeat(repeat) => {
                self.write(out, &repeat.count, style);
                out.push_str("*[");
                for param in &repeat.params {
                    out.push(' ');
                    self.write_param(out, param, style);
                }
                out.push_str(" ]");
            }
        }
    }

    /// Numbers are no part of a Rust type.
    fn write_args(self, out: &mut String, args: &[Term], kinds: &[Kind], style: Style) {
        let mut next = '<';
        for (index, arg) in args.iter().enumerate() {
            if style == Style::Rust && kinds.get(index) == Some(&Kind::Nat) {
                continue;
            }
            out.push(next);
            self.write(out, arg, style);
            next = ',';
        }
        if next == ',' {
            out.push('>');
        }
    }
}

/// Whether a type is a bare `true`: no bytes at all.
pub(super) fn is_true(schema: &Schema, ty: &Term) -> bool {
    matches!(ty, Term::Bare(id, _) if schema[*id].builtin == Some(Builtin::True))
}

/// Whom the step from one wire form to another breaks; nothing when the bytes are the same for all values.
pub(super) fn wire_impact(old: &str, new: &str) -> Option<Impact> {
    if old == new {
        return None;
    }
    if old.replace(BYTES, STRING) != new.replace(BYTES, STRING) {
        return Some(Impact::WIRE);
    }
    // The builtins that they differ in stand in the same order in both.
    let is_bytes = |form: &str| -> Vec<bool> {
        form.match_indices('@')
            .map(|(at, _)| form[at..].starts_with(BYTES))
            .collect()
    };
    let (before, after) = (is_bytes(old), is_bytes(new));
    let any = |from: bool| {
        (before.iter().zip(&after)).any(|(before, after)| *before == from && *after != from)
    };
    // An old reader wants text where new data holds any bytes, and the reverse.
    Some(Impact::of(any(false), any(true), false))
}

/// No TL name begins with `@`.
const STRING: &str = "@string";
/// See [`STRING`].
const BYTES: &str = "@bytes";

fn wire_name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Int => "int",
        Builtin::Long | Builtin::Int53 => "long",
        Builtin::Float => "float",
        Builtin::Double => "double",
        Builtin::String => STRING,
        Builtin::Bytes => BYTES,
        Builtin::Int128 => "int128",
        Builtin::Int256 => "int256",
        Builtin::Int512 => "int512",
        Builtin::Bool => "Bool",
        Builtin::True => "true",
        Builtin::Vector => "vector",
        Builtin::Object | Builtin::Function => "object",
    }
}

fn rust_name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Int => "i32",
        Builtin::Long | Builtin::Int53 => "i64",
        Builtin::Float => "f32",
        Builtin::Double => "f64",
        Builtin::String => "String",
        Builtin::Bytes => "Vec<u8>",
        Builtin::Bool => "bool",
        Builtin::True => "()",
        Builtin::Vector => "Vec",
        Builtin::Object | Builtin::Function => "object",
        Builtin::Int128 | Builtin::Int256 | Builtin::Int512 => wire_name(builtin),
    }
}
