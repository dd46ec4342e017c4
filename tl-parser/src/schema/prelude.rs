//! The types every schema may use without defining them, and which definitions stand for a fixed wire form.
//!
//! Real schemas spell their built-ins in many ways: `int ? = Int;`, `int32 = Int32;`, `int128 4*[ int ] = Int128;`, or
//! not at all. Those of TDLib and TON stand here as these spell them.

use std::borrow::Cow;

use super::Builtin;
use crate::span::FileId;
use crate::syntax::ast::{Combinator, ExprKind};

/// The file that spans of [`TEXT`] name; it is no file of any `Sources`.
pub(super) const FILE: FileId = FileId(u32::MAX);

/// Definitions added to a schema that has neither their name nor their type.
pub(crate) const TEXT: &str = "
int ? = Int;
long ? = Long;
int53 ? = Int53;
float ? = Float;
double ? = Double;
string ? = String;
bytes ? = Bytes;
int128 4*[ int ] = Int128;
int256 8*[ int ] = Int256;
int512 16*[ int ] = Int512;
boolFalse#bc799737 = Bool;
boolTrue#997275b5 = Bool;
true#3fedd339 = True;
vector#1cb5c415 {t:Type} # [ t ] = Vector t;
int32 = Int32;
int64 = Int64;
secureString = SecureString;
secureBytes = SecureBytes;
object ? = Object;
function ? = Function;
";

/// Whether every schema has a definition of this name, its own or the compiler's.
#[cfg(feature = "json")]
pub(crate) fn is_predefined(name: &str) -> bool {
    TEXT.lines()
        .any(|line| line.split([' ', '#']).next() == Some(name))
}

/// The fixed wire form that a definition stands for, if it is one of the built-ins by name and shape. The name comes
/// first: few definitions have one for which the tree has to be there.
pub(super) fn builtin<'t>(
    name: &str,
    tree: impl FnOnce() -> Cow<'t, Combinator<'t>>,
) -> Option<Builtin> {
    let (builtin, fits): (_, fn(&Combinator<'_>) -> bool) = match name {
        "int" | "int32" => (Builtin::Int, is_opaque),
        "long" | "int64" => (Builtin::Long, is_opaque),
        "int53" => (Builtin::Int53, is_opaque),
        "float" => (Builtin::Float, is_opaque),
        "double" => (Builtin::Double, is_opaque),
        "string" | "secureString" => (Builtin::String, is_opaque),
        "bytes" | "secureBytes" => (Builtin::Bytes, |it| is_opaque(it) || is_one_string(it)),
        "int128" => (Builtin::Int128, |it| is_opaque(it) || is_words(it, 4)),
        "int256" => (Builtin::Int256, |it| is_opaque(it) || is_words(it, 8)),
        "int512" => (Builtin::Int512, |it| is_opaque(it) || is_words(it, 16)),
        "boolFalse" | "boolTrue" => (Builtin::Bool, is_opaque),
        "true" => (Builtin::True, is_opaque),
        "vector" => (Builtin::Vector, is_vector),
        "object" => (Builtin::Object, |it| it.builtin.is_some()),
        "function" => (Builtin::Function, |it| it.builtin.is_some()),
        _ => return None,
    };
    fits(&tree()).then_some(builtin)
}

/// `int ? = Int` or `int = Int`
fn is_opaque(combinator: &Combinator<'_>) -> bool {
    combinator.builtin.is_some() || combinator.args.is_empty()
}

/// `bytes data:string = Bytes`
fn is_one_string(combinator: &Combinator<'_>) -> bool {
    matches!(&combinator.args[..], [arg] if matches!(&arg.ty.kind, ExprKind::Name(name) if name.text == "string"))
}

/// `int128 4*[ int ] = Int128`
fn is_words(combinator: &Combinator<'_>, words: u32) -> bool {
    let [arg] = &combinator.args[..] else {
        return false;
    };
    let ExprKind::Repeat(repeat) = &arg.ty.kind else {
        return false;
    };
    let [item] = &repeat.args[..] else {
        return false;
    };
    matches!(&repeat.count, Some(count) if count.kind == ExprKind::Nat(words))
        && matches!(&item.ty.kind, ExprKind::Name(name) if matches!(name.text, "int" | "int32"))
}

/// `vector {t:Type} # [ t ] = Vector t`
fn is_vector(combinator: &Combinator<'_>) -> bool {
    matches!(&combinator.args[..], [_, count, items]
        if count.ty.kind == ExprKind::Hash && matches!(&items.ty.kind, ExprKind::Repeat(repeat) if repeat.count.is_none()))
}
