//! What the fields of one struct are in Rust: shapes become values, numbers and type variables become names.

use std::collections::{HashMap, HashSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use tl_parser::schema::{Combinator, Param as TlParam, Term, VarId};
use tl_parser::span::Span;

use super::build::Builder;
use super::naming::Key;
use super::{
    Arg, FunctionNames, Generic, ItemPath, ModulePath, Nat, NatParam, NatRule, NatSource,
    Ownership, Param, PassedBy, Role, Struct, TypeParam, Value, fields,
};
use crate::analysis::{self, Extent, Presence, Shape};
use crate::rust::names::{Scope, snake_name};
use crate::{BytesType, Strings};

/// What the variables of one combinator, or of one repetition in it, are in Rust.
#[derive(Default)]
pub(super) struct Variables {
    /// Type variables.
    pub types: HashMap<VarId, Generic>,
    /// Type variables that stand for what a query returns: its type parameter and its field.
    pub returned: HashMap<VarId, (String, String)>,
    /// Numbers.
    pub nats: HashMap<VarId, NatSource>,
}

/// Where a struct that is being planned stands.
pub(super) struct Place<'p> {
    /// The layer, by index.
    pub layer: usize,
    /// The module.
    pub module: &'p ModulePath,
    /// The struct's name, or that of the struct around it.
    pub owner: &'p str,
    /// The combinator.
    pub combinator: &'p Combinator,
    /// Whether only servers read it.
    pub is_argument: bool,
}

impl Variables {
    fn nat(&self, nat: analysis::Nat) -> Nat {
        Nat {
            source: nat.var.and_then(|var| self.nats.get(&var).cloned()),
            plus: nat.plus,
        }
    }

    /// A field's condition.
    pub(super) fn test(&self, presence: Presence) -> Option<super::Test> {
        match presence {
            Presence::Always => None,
            Presence::Flag { word, bit } => Some(super::Test {
                word: self.nats.get(&word)?.clone(),
                bit,
            }),
        }
    }

    /// Adds the numbers that fields declare, under the fields' Rust names.
    pub(super) fn declare(&mut self, fields: &[analysis::Field], names: &HashMap<VarId, String>) {
        for field in fields {
            let name = names[&field.var].clone();
            let source = match (&field.shape, field.presence) {
                (Shape::Flags | Shape::Count, _) => NatSource::Local(name),
                (Shape::Nat, Presence::Always) => NatSource::Field(name),
                (Shape::Nat, _) => NatSource::OptionalField(name),
                _ => continue,
            };
            self.nats.insert(field.var, source);
        }
    }
}

/// The names within the functions of one struct.
pub(super) struct Names {
    scope: Scope,
    /// The Rust names of fields.
    pub fields: HashMap<VarId, String>,
}

impl Names {
    pub(super) fn of(fields: &[analysis::Field]) -> Self {
        let mut scope = Scope::default();
        let fields = fields
            .iter()
            .map(|field| (field.var, scope.reserve(&snake_name(&field.name))))
            .collect();
        Self { scope, fields }
    }

    /// A name that nothing else within the functions has.
    pub(super) fn reserve(&mut self, wanted: &str) -> String {
        self.scope.reserve(wanted)
    }

    /// A parameter for a type parameter's reading and writing.
    pub(super) fn type_param(&mut self, generic: &str) -> TypeParam {
        let name = generic.to_snake_case();
        TypeParam {
            generic: generic.to_owned(),
            reader: self.reserve(&format!("read_{name}")),
            writer: self.reserve(&format!("write_{name}")),
        }
    }
}

impl FunctionNames {
    /// Names that neither a local variable nor a parameter has.
    pub(super) fn of(params: &[Param], fields: &[super::Field]) -> Self {
        let mut scope = Scope::default();
        for field in fields::locals_of(fields) {
            scope.reserve(&field.name);
        }
        for param in params {
            match param {
                Param::Type(param) => {
                    scope.reserve(&param.reader);
                    scope.reserve(&param.writer);
                }
                Param::Nat(param) => {
                    // `_r` and `r` side by side are told apart by the compiler, but not by a reader.
                    scope.reserve(&param.name);
                    scope.reserve(param.name.trim_start_matches('_'));
                    if let NatRule::More {
                        name: Some(name), ..
                    } = &param.rule
                    {
                        scope.reserve(name);
                    }
                }
            }
        }
        Self {
            reader: scope.reserve("r"),
            writer: scope.reserve("w"),
            value: scope.reserve("value"),
        }
    }
}

impl TypeParam {
    /// The type parameter as a field's type.
    pub(super) fn as_generic(&self) -> Generic {
        Generic::Passed {
            generic: self.generic.clone(),
            reader: self.reader.clone(),
            writer: self.writer.clone(),
        }
    }
}

impl Builder<'_> {
    /// A shape's Rust type and wire form. `hint` names the struct for what a repetition in it repeats.
    pub(super) fn value(
        &mut self,
        place: &Place<'_>,
        variables: &Variables,
        shape: &Shape,
        hint: &str,
    ) -> Value {
        match shape {
            Shape::Int => Value::Int,
            Shape::Long => Value::Long,
            Shape::Float => Value::Float,
            Shape::Double => Value::Double,
            Shape::Bool => Value::Bool,
            Shape::True => Value::True,
            Shape::Nat | Shape::Flags | Shape::Count => Value::Nat,
            Shape::String => match self.inputs.style.strings {
                Strings::Text => Value::String,
                Strings::Bytes => self.bytes(),
            },
            Shape::Bytes => self.bytes(),
            Shape::Int128 => Value::Int128,
            Shape::Int256 => Value::Int256,
            Shape::Int512 => Value::Int512,
            Shape::WithId { constructor, value } => {
                let constructor = &self.inputs.schema[*constructor];
                Value::WithId {
                    id: constructor.id,
                    name: constructor.name.to_string(),
                    value: Box::new(self.value(place, variables, value, hint)),
                }
            }
            Shape::Object {
                is_function,
                extent,
            } => Value::Object {
                passed_by: match extent {
                    Extent::Length(_) => false,
                    Extent::Rest => self.inputs.passes_objects(),
                    Extent::Known => true,
                }
                .then(|| PassedBy {
                    function: pass_function(*is_function),
                    is_last: *extent == Extent::Rest,
                }),
            },
            Shape::Opaque(ty) => Value::Item {
                path: self.layers[place.layer][&Key::Enum(*ty)].clone(),
                args: Vec::new(),
                is_borrowed: false,
                is_untagged: false,
            },
            Shape::Boxed(ty, args) | Shape::BareType(ty, args) => {
                let positions: Vec<_> = self.inputs.layers[place.layer]
                    .generics
                    .of_type(*ty)
                    .collect();
                Value::Item {
                    is_borrowed: false,
                    is_untagged: matches!(shape, Shape::BareType(..)),
                    path: self.layers[place.layer][&Key::Enum(*ty)].clone(),
                    args: self.args(place, variables, args, hint, |at| positions.contains(&at)),
                }
            }
            Shape::Bare(id, args) => {
                let analysis = &self.inputs.layers[place.layer];
                let generics = analysis.generics.of_constructor(*id);
                let patterns = analysis.patterns.get(id).map_or(&[][..], Vec::as_slice);
                let is_used = |at: usize| matches!(patterns.get(at), Some(analysis::Pattern::Type(var)) if generics.contains(var));
                Value::Item {
                    is_borrowed: false,
                    is_untagged: false,
                    path: self.layers[place.layer][&Key::Struct(*id)].clone(),
                    args: self.args(place, variables, args, hint, is_used),
                }
            }
            Shape::Vector { is_boxed, item } => Value::Vector {
                is_boxed: *is_boxed,
                item: Box::new(self.value(place, variables, item, hint)),
            },
            Shape::Repeat { count, item } => Value::Repeat {
                count: variables.nat(*count),
                item: Box::new(self.value(place, variables, item, hint)),
            },
            Shape::Record(fields) => self.record(place, variables, fields, hint),
            Shape::Var(var) => match (variables.returned.get(var), variables.types.get(var)) {
                (Some((generic, field)), _) => Value::Returned {
                    generic: generic.clone(),
                    field: field.clone(),
                },
                (None, Some(generic)) => Value::Generic(generic.clone()),
                (None, None) => Value::True,
            },
            Shape::Query(var) => match variables.types.get(var) {
                Some(generic) => Value::Generic(generic.clone()),
                None => Value::True,
            },
        }
    }

    fn bytes(&self) -> Value {
        match self.inputs.style.bytes {
            BytesType::Vec => Value::Bytes,
            BytesType::Bytes => Value::SharedBytes,
        }
    }

    /// The arguments of a type; of types, those that occur in its values.
    fn args(
        &mut self,
        place: &Place<'_>,
        variables: &Variables,
        args: &[analysis::Arg],
        hint: &str,
        is_used: impl Fn(usize) -> bool,
    ) -> Vec<Arg> {
        let mut planned = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            match arg {
                analysis::Arg::Nat(nat) => planned.push(Arg::Nat(variables.nat(*nat))),
                analysis::Arg::Type(shape) if is_used(at) => {
                    planned.push(Arg::Type(self.value(place, variables, shape, hint)));
                }
                analysis::Arg::Type(_) => {}
            }
        }
        planned
    }

    /// A struct for what a repetition repeats; what it uses of the variables around it is passed in.
    fn record(
        &mut self,
        place: &Place<'_>,
        outer: &Variables,
        own: &[analysis::Field],
        hint: &str,
    ) -> Value {
        let analysis = &self.inputs.layers[place.layer];
        let mut names = Names::of(own);
        let mut variables = Variables::default();
        let (mut params, mut args) = (Vec::new(), Vec::new());
        for var in analysis.generics.used(&analysis.patterns, own) {
            let Some(generic) = outer.types.get(&var) else {
                continue;
            };
            let param = names.type_param(generic.name());
            variables.types.insert(var, param.as_generic());
            args.push(Arg::Type(Value::Generic(generic.clone())));
            params.push(Param::Type(param));
        }
        for var in free_nats(own) {
            let Some(source) = outer.nats.get(&var) else {
                continue;
            };
            let name = names.reserve(source.name());
            variables.nats.insert(var, NatSource::Param(name.clone()));
            args.push(Arg::Nat(Nat {
                source: Some(source.clone()),
                plus: 0,
            }));
            params.push(Param::Nat(NatParam {
                name,
                rule: NatRule::Any,
            }));
        }
        variables.declare(own, &names.fields);
        let name = self
            .scopes
            .entry(place.module.clone())
            .or_default()
            .reserve(hint);
        let inner = Place {
            owner: &name,
            ..*place
        };
        let fields = self.fields(&inner, &variables, own, &names);
        self.note_renamed_fields(place.combinator, own, &fields);
        let record = Struct {
            docs: self.docs.record(place.combinator.name.as_str()),
            id: 0,
            generics: type_params(&params)
                .map(|param| param.generic.clone())
                .collect(),
            queries: Vec::new(),
            names: FunctionNames::of(&params, &fields),
            ownership: Ownership::Plain,
            has_shape: false,
            json: None,
            attributes: Vec::new(),
            has_default: false,
            setters: None,
            params,
            fields,
            role: Role::Record,
            min_bytes: 0,
            is_recursive: false,
            is_argument: place.is_argument,
            name: name.clone(),
        };
        self.records.push(record);
        Value::Item {
            path: ItemPath {
                module: place.module.clone(),
                name,
            },
            args,
            is_borrowed: false,
            is_untagged: false,
        }
    }

    /// The planned fields of a struct.
    pub(super) fn fields(
        &mut self,
        place: &Place<'_>,
        variables: &Variables,
        own: &[analysis::Field],
        names: &Names,
    ) -> Vec<super::Field> {
        let values = own.iter().map(|field| {
            let owner = place.owner.trim_end_matches('_');
            let hint = format!("{owner}{}", field.name.to_upper_camel_case());
            (field.var, self.value(place, variables, &field.shape, &hint))
        });
        let values: HashMap<_, _> = values.collect();
        let unknown = self.inputs.style.unknown;
        fields::plan(own, variables, &names.fields, &values, unknown)
    }
}

/// Where arguments stand, those of repetitions too, by the variables they declare.
pub(super) fn spans(params: &[TlParam]) -> HashMap<VarId, Span> {
    let mut spans = HashMap::new();
    let mut waiting: Vec<_> = params.iter().collect();
    while let Some(param) = waiting.pop() {
        spans.insert(param.var, param.span);
        if let Term::Repeat(repeat) = &param.ty {
            waiting.extend(&repeat.params);
        }
    }
    spans
}

/// The type parameters among parameters.
pub(super) fn type_params(params: &[Param]) -> impl Iterator<Item = &TypeParam> {
    params.iter().filter_map(|param| match param {
        Param::Type(param) => Some(param),
        Param::Nat(_) => None,
    })
}

/// The numbers that fields use and do not declare, in order of use.
fn free_nats(own: &[analysis::Field]) -> Vec<VarId> {
    let (mut free, mut seen) = (Vec::new(), HashSet::new());
    for field in own {
        field.nats(&mut |var| {
            // Variables ascend.
            let is_own = own.binary_search_by_key(&var, |field| field.var).is_ok();
            if !is_own && seen.insert(var) {
                free.push(var);
            }
        });
    }
    free
}

/// The function of the registry that passes over an object.
fn pass_function(is_function: bool) -> ItemPath {
    ItemPath {
        module: vec!["registry".to_owned()],
        name: if is_function {
            "pass_function"
        } else {
            "pass_object"
        }
        .to_owned(),
    }
}
