//! The traits for servers, one per namespace, planned from the structs of its functions.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use tl_parser::schema::CombinatorId;

use super::build::Builder;
use super::naming::Key;
use super::{
    Arg, Field, FieldKind, Generic, Item, ItemPath, Method, MethodKind, Nat, NatSource, Number,
    Role, ServerTrait, Struct, Value,
};
use crate::rust::names::{Scope, snake_name};

/// Adds the module `server` to every layer that has functions.
pub(super) fn add(builder: &mut Builder<'_>) {
    for layer in 0..builder.layers.len() {
        let traits = traits(builder, layer);
        if traits.is_empty() {
            continue;
        }
        let mut path = builder.layer_path(layer);
        path.push("server".to_owned());
        builder.module(path).items.push(Item::Dispatcher(traits));
    }
}

/// The traits of one layer's functions, by namespace.
fn traits(builder: &Builder<'_>, layer: usize) -> Vec<ServerTrait> {
    let (schema, analysis) = (builder.inputs.schema, &builder.inputs.layers[layer]);
    let mut namespaces: BTreeMap<&str, Vec<CombinatorId>> = BTreeMap::new();
    for id in analysis.functions() {
        let namespace = schema[id].name.namespace().unwrap_or_default();
        namespaces.entry(namespace).or_default().push(id);
    }
    let mut names = Scope::default();
    // What the functions of the module and their type parameter are called.
    names.reserve("S");
    let traits = namespaces.into_iter().map(|(namespace, functions)| {
        let (name, docs) = match namespace {
            "" => (
                "Functions".to_owned(),
                "What a server does with calls of the functions without a namespace.".to_owned(),
            ),
            namespace => (
                crate::rust::names::type_name(&namespace.to_upper_camel_case()),
                format!("What a server does with calls of the namespace `{namespace}`."),
            ),
        };
        let mut scope = Scope::default();
        let methods = functions.into_iter().filter_map(|id| {
            let path = &builder.layers[layer][&Key::Function(id)];
            let function = find(builder, path)?;
            Some(Method {
                name: scope.reserve(&snake_name(schema[id].name.base())),
                docs: function.docs.clone(),
                id: function.id,
                path: path.clone(),
                kind: kind(function)?,
            })
        });
        ServerTrait {
            methods: methods.collect(),
            name: names.reserve(&name),
            docs,
        }
    });
    traits.collect()
}

fn find<'b>(builder: &'b Builder<'_>, path: &ItemPath) -> Option<&'b Struct> {
    let items = &builder.modules.get(&path.module)?.items;
    items.iter().find_map(|item| match item {
        Item::Struct(item) if item.name == path.name => Some(item),
        _ => None,
    })
}

fn kind(function: &Struct) -> Option<MethodKind> {
    let Role::Function { returns } = &function.role else {
        return None;
    };
    Some(match (&function.generics[..], returns) {
        ([], returns) => {
            let mut locals = Locals::default();
            for name in ["call", "server", "r", "w", "value"] {
                locals.scope.reserve(name);
            }
            MethodKind::Plain {
                returns: by_locals(returns, &mut locals),
                numbers: locals.numbers,
            }
        }
        ([_], Value::Returned { field, .. }) if is_last(function, field) => MethodKind::Wrapper {
            query: field.clone(),
        },
        _ => MethodKind::Raw,
    })
}

/// Whether a field is the last, and the only one of a type that the schema does not tell: then it ends with the call.
fn is_last(function: &Struct, query: &str) -> bool {
    let is_generic = |field: &Field| match &field.kind {
        FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } => {
            let mut is_generic = false;
            value.walk(&mut |value| {
                is_generic |= matches!(value, Value::Generic(Generic::Plain(_)));
            });
            is_generic
        }
        _ => false,
    };
    let generic = function.fields.iter().filter(|field| is_generic(field));
    let is_there = function
        .fields
        .last()
        .is_some_and(|last| last.name == query && matches!(last.kind, FieldKind::Required { .. }));
    is_there && generic.count() == 1
}

/// The numbers of a call that its result depends on, and their names.
#[derive(Default)]
struct Locals {
    scope: Scope,
    numbers: Vec<Number>,
}

/// A result whose numbers are local variables: they outlive the call, which the method takes.
fn by_locals(value: &Value, locals: &mut Locals) -> Value {
    match value {
        Value::Vector { is_boxed, item } => Value::Vector {
            is_boxed: *is_boxed,
            item: Box::new(by_locals(item, locals)),
        },
        Value::Repeat { count, item } => Value::Repeat {
            count: local(count, locals),
            item: Box::new(by_locals(item, locals)),
        },
        Value::Item {
            path,
            args,
            is_borrowed,
            is_untagged,
        } => Value::Item {
            path: path.clone(),
            args: args
                .iter()
                .map(|arg| match arg {
                    Arg::Type(value) => Arg::Type(by_locals(value, locals)),
                    Arg::Nat(nat) => Arg::Nat(local(nat, locals)),
                })
                .collect(),
            is_borrowed: *is_borrowed,
            is_untagged: *is_untagged,
        },
        value => value.clone(),
    }
}

fn local(nat: &Nat, locals: &mut Locals) -> Nat {
    let Some(source) = &nat.source else {
        return nat.clone();
    };
    let numbers = &locals.numbers;
    let known = numbers.iter().find(|number| number.field == source.name());
    let local = match known {
        Some(number) => number.local.clone(),
        None => {
            let local = locals.scope.reserve(source.name());
            locals.numbers.push(Number {
                field: source.name().to_owned(),
                is_optional: matches!(source, NatSource::OptionalField(_)),
                local: local.clone(),
            });
            local
        }
    };
    Nat {
        source: Some(NatSource::Local(local)),
        plus: nat.plus,
    }
}
