//! The types every schema may use without defining them, and which definitions stand for a fixed wire form.
//!
//! Real schemas spell their built-ins in many ways: `int ? = Int;`, `int32 = Int32;`, `int128 4*[ int ] = Int128;`, or
//! not at all. Those of TDLib and TON stand here as these spell them.

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

/// The fixed wire form that a definition stands for, if it is one of the built-ins by name and shape.
pub(super) fn builtin(combinator: &Combinator<'_>) -> Option<Builtin> {
    let opaque = combinator.builtin.is_some() || combinator.args.is_empty();
    let builtin = match combinator.name.text {
        "int" | "int32" if opaque => Builtin::Int,
        "long" | "int64" if opaque => Builtin::Long,
        "int53" if opaque => Builtin::Int53,
        "float" if opaque => Builtin::Float,
        "double" if opaque => Builtin::Double,
        "string" | "secureString" if opaque => Builtin::String,
        "bytes" | "secureBytes" if opaque || is_one_string(combinator) => Builtin::Bytes,
        "int128" if opaque || is_words(combinator, 4) => Builtin::Int128,
        "int256" if opaque || is_words(combinator, 8) => Builtin::Int256,
        "int512" if opaque || is_words(combinator, 16) => Builtin::Int512,
        "boolFalse" | "boolTrue" if opaque => Builtin::Bool,
        "true" if opaque => Builtin::True,
        "vector" if is_vector(combinator) => Builtin::Vector,
        "object" if combinator.builtin.is_some() => Builtin::Object,
        "function" if combinator.builtin.is_some() => Builtin::Function,
        _ => return None,
    };
    Some(builtin)
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
