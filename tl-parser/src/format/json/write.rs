//! A schema's JSON.

use super::JsonError;
use super::entry::{Entry, File, Name, Param, implied};
use crate::schema::{Builtin, Combinator, CombinatorKind, Schema};
use crate::span::{FileId, Sources};
use crate::syntax::ast::{self, ArgForm, ExprKind, Item};
use crate::syntax::{parse, print};

/// The JSON of a schema, all layers of it. Types are spelled as they are in `sources`, which it was read from.
///
/// # Errors
/// [`JsonError::Inexpressible`]: implicit arguments would be lost. [`JsonError::OtherSources`]: a definition does not stand in
/// `sources` where the schema says.
pub fn write(schema: &Schema, sources: &Sources) -> Result<String, JsonError> {
    let mut file = File {
        constructors: Vec::new(),
        methods: Vec::new(),
    };
    let (mut lost, mut elsewhere) = (Vec::new(), Vec::new());
    for (_, combinator) in schema.combinators() {
        if combinator.is_prelude || is_left_out(combinator) {
            continue;
        }
        let parsed = parse(FileId::default(), sources.text(combinator.span));
        let tree = match &parsed.file.items[..] {
            [Item::Combinator(tree)] if tree.name.text == combinator.name.as_str() => tree,
            _ => {
                elsewhere.push(combinator.name.to_string());
                continue;
            }
        };
        let Some(entry) = entry(combinator, tree) else {
            lost.push(combinator.name.to_string());
            continue;
        };
        match combinator.kind {
            CombinatorKind::Constructor => file.constructors.push(entry),
            CombinatorKind::Function => file.methods.push(entry),
        }
    }
    if !elsewhere.is_empty() {
        return Err(JsonError::OtherSources(elsewhere));
    }
    if !lost.is_empty() {
        return Err(JsonError::Inexpressible(lost));
    }
    serde_json::to_string(&file).map_err(JsonError::Shape)
}

/// The definitions of built-in types that every schema has without them. What the pages do list is `Bool`, `True` and
/// `Vector`.
fn is_left_out(combinator: &Combinator) -> bool {
    let is_listed = matches!(
        combinator.builtin,
        None | Some(Builtin::Bool | Builtin::True | Builtin::Vector)
    );
    let is_known = crate::schema::prelude::is_predefined(combinator.name.as_str());
    !is_listed
        && is_known
        && (combinator.is_opaque || combinator.params.iter().any(|param| param.name.is_none()))
}

/// Nothing where implicit arguments would be lost.
fn entry(combinator: &Combinator, tree: &ast::Combinator<'_>) -> Option<Entry> {
    let params = if combinator.builtin == Some(Builtin::Vector) {
        Vec::new()
    } else {
        tree.args
            .iter()
            .filter(|arg| arg.form != ArgForm::Implicit)
            .flat_map(params)
            .collect()
    };
    let ty = print::expr(&tree.result);
    let told = implied(params.iter().map(|param| (&*param.name, &*param.ty)), &ty);
    let implicit = tree.args.iter().filter(|arg| arg.form == ArgForm::Implicit);
    let is_type =
        |arg: &ast::Arg<'_>| matches!(&arg.ty.kind, ExprKind::Name(name) if name.text == "Type");
    if !implicit.clone().all(is_type)
        || !implicit
            .flat_map(|arg| &arg.names)
            .map(|name| name.text)
            .eq(told)
    {
        return None;
    }
    let name = combinator.name.to_string();
    Some(Entry {
        id: combinator.id.cast_signed().to_string(),
        name: match combinator.kind {
            CombinatorKind::Constructor => Name::Predicate(name),
            CombinatorKind::Function => Name::Method(name),
        },
        params,
        ty,
        layer: combinator.layer,
    })
}

/// The arguments that one of the text declares: several in `(a b:int)`.
fn params(arg: &ast::Arg<'_>) -> Vec<Param> {
    let nameless = ast::Arg {
        names: ast::Names::None,
        form: ArgForm::Plain,
        ..arg.clone()
    };
    let ty = print::arg(&nameless);
    let param = |name: &str| Param {
        name: name.to_owned(),
        ty: ty.clone(),
    };
    match &arg.names[..] {
        [] => vec![param("")],
        names => names.iter().map(|name| param(name.text)).collect(),
    }
}
