//! Facts about a schema that every Rust decision rests on: what is on the wire, what recurses, how big
//! values get.
//!
//! Each fact is found for one [`View`] (a schema at one layer) by its own pass; nothing here knows a Rust name.

mod arguments;
pub(crate) mod fields;
mod generics;
mod graph;
mod opaque;
mod open_ended;
mod recursion;
mod shape;
mod size;

use std::collections::{BTreeSet, HashMap, HashSet};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{Builtin, CombinatorId, CombinatorKind, Schema, TypeId, View};

pub(crate) use arguments::Arguments;
pub(crate) use generics::Generics;
pub(crate) use opaque::{Chosen, Nesting, Opaque};
pub(crate) use shape::{Arg, Extent, Field, Nat, Pattern, Presence, Shape};

/// What is known of one schema at one layer.
#[derive(Debug)]
pub(crate) struct Analysis<'a> {
    /// The schema.
    pub view: View<'a>,
    /// The fields of every combinator that is generated, in wire order.
    pub fields: HashMap<CombinatorId, Vec<Field>>,
    /// The results of functions; those that return what an inner query returns have none.
    pub results: HashMap<CombinatorId, Shape>,
    /// What the results of constructors say of their types' parameters; constructors of types without parameters say nothing.
    pub patterns: HashMap<CombinatorId, Vec<Pattern>>,
    /// Which type parameters occur in values, and so in Rust.
    pub generics: Generics,
    /// Whether any object is followed by something, so that it must be known to be passed over.
    pub has_known_objects: bool,
    /// What is kept as bytes.
    pub opaque: Opaque,
    /// What stands in functions' arguments alone.
    pub arguments: Arguments,
    /// Types whose values can hold values of the same type, at any distance.
    pub recursive_types: Vec<bool>,
    /// Constructors whose bare values can do so without a boxed value in between.
    pub recursive_constructors: Vec<bool>,
    /// Per type, the constructor that a failed reader falls back to: the one that ends soonest.
    pub fallback: HashMap<TypeId, CombinatorId>,
    /// Constructors whose bare form is used somewhere.
    pub used_bare: HashSet<CombinatorId>,
    /// The Rust layout of every generated struct and enum.
    pub layout: size::Layouts,
}

impl<'a> Analysis<'a> {
    /// Finds all facts about what `kept` holds, or about everything, with what `chosen` says as bytes. What the generator has no
    /// Rust for is reported, and left out.
    pub(crate) fn of(
        view: View<'a>,
        kept: Option<&BTreeSet<CombinatorId>>,
        chosen: &Chosen,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let schema = view.schema();
        let uses_boxed_true = fields::uses_boxed(schema, Builtin::True);
        let is_generated = |id: CombinatorId| {
            view.holds(id)
                && kept.is_none_or(|kept| kept.contains(&id))
                && is_in_rust(&view, id, uses_boxed_true)
        };
        let opaque = Opaque::of(&view, chosen, is_generated, diagnostics);
        let (mut fields, mut results, mut patterns) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for (id, _) in schema.combinators().filter(|(id, _)| is_generated(*id)) {
            let (own, result) = fields::of(&view, id, &opaque.types, diagnostics);
            fields.insert(id, own);
            results.extend(result.map(|result| (id, result)));
            let own = fields::patterns(&view, id, diagnostics);
            if !own.is_empty() {
                patterns.insert(id, own);
            }
        }
        reject_mixed_types(&view, &fields, diagnostics);
        let graph = graph::Graph::new(&view, &fields);
        open_ended::delimit(&view, &graph, &mut fields, &mut results);
        let has_known_objects = open_ended::has_known(&fields, &results);
        let recursion = recursion::Recursion::find(&graph);
        generics::reject_growing(&view, &fields, &recursion, &graph, diagnostics);
        recursion.mark_recursive_fields(&graph, &mut fields);
        let generics = Generics::find(&view, &graph, &fields, &patterns);
        let layout = size::Layouts::compute(&view, &graph, &mut fields);
        let fallback = recursion::shallowest_constructors(&view, &graph, &fields);
        // What is kept as bytes is passed over, but counts as deep as if it were read.
        let nests_in_bytes: HashSet<_> = opaque
            .lines
            .iter()
            .filter(|(_, nesting)| nesting.boxed)
            .filter_map(|(id, _)| schema.result_type(*id))
            .collect();
        let recursive_types = schema
            .types()
            .map(|(id, _)| recursion.is_cyclic(graph.type_node(id)) || nests_in_bytes.contains(&id))
            .collect();
        let recursive_constructors = schema
            .combinators()
            .map(|(id, _)| recursion.is_cyclic_bare(&graph, id))
            .collect();
        let arguments = Arguments::find(&view, &graph, &fields, &results, has_known_objects);
        let mut used_bare = HashSet::new();
        for shape in fields
            .values()
            .flatten()
            .map(|field| &field.shape)
            .chain(results.values())
        {
            shape.walk(&mut |shape| {
                if let Shape::Bare(id, _) = shape {
                    used_bare.insert(*id);
                }
            });
        }
        Self {
            view,
            fields,
            results,
            patterns,
            generics,
            has_known_objects,
            opaque,
            arguments,
            used_bare,
            recursive_types,
            recursive_constructors,
            fallback,
            layout,
        }
    }

    /// The types to generate, in order of first appearance.
    pub(crate) fn types(&self) -> impl Iterator<Item = TypeId> {
        let types = self.view.schema().types().map(|(id, _)| id);
        types
            .filter(|&ty| self.opaque.types.contains(&ty) || self.constructors(ty).next().is_some())
    }

    /// The generated constructors of a type.
    pub(crate) fn constructors(&self, ty: TypeId) -> impl Iterator<Item = CombinatorId> {
        self.view
            .constructors(ty)
            .filter(|id| self.fields.contains_key(id))
    }

    /// What of a generated definition nests.
    pub(crate) fn nesting(&self, id: CombinatorId) -> Nesting {
        let schema = self.view.schema();
        let is_constructor = schema[id].kind == CombinatorKind::Constructor;
        let ty = schema.result_type(id).filter(|_| is_constructor);
        Nesting {
            boxed: ty.is_some_and(|ty| self.recursive_types[ty.index()]),
            bare: is_constructor && self.recursive_constructors[id.index()],
        }
    }

    /// The functions to generate.
    pub(crate) fn functions(&self) -> impl Iterator<Item = CombinatorId> {
        let schema = self.view.schema();
        self.view.functions().filter(|&id| {
            schema[id].kind == CombinatorKind::Function && self.fields.contains_key(&id)
        })
    }
}

/// Whether a combinator has a form of its own in Rust; a built-in `True` has one where it stands boxed.
fn is_in_rust(view: &View<'_>, id: CombinatorId, uses_boxed_true: bool) -> bool {
    let combinator = &view.schema()[id];
    match combinator.builtin {
        None => !combinator.is_prelude && !is_bool(view.schema(), id),
        Some(Builtin::True) => !combinator.is_prelude || uses_boxed_true,
        Some(_) => false,
    }
}

/// Whether a combinator is a constructor of `Bool`, which is a `bool`.
fn is_bool(schema: &Schema, id: CombinatorId) -> bool {
    let ty = schema
        .result_type(id)
        .filter(|_| schema[id].kind == CombinatorKind::Constructor);
    ty.is_some_and(|ty| schema[ty].builtin == Some(Builtin::Bool))
}

/// Reports types that have constructors with a fixed wire form beside others: no enum could hold them all.
fn reject_mixed_types(
    view: &View<'_>,
    fields: &HashMap<CombinatorId, Vec<Field>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let schema = view.schema();
    let is_fixed = |id: CombinatorId| !matches!(schema[id].builtin, None | Some(Builtin::True));
    for (id, ty) in schema.types().filter(|(_, ty)| ty.builtin.is_none()) {
        let is_generated = view.constructors(id).any(|id| fields.contains_key(&id));
        if is_generated && view.constructors(id).any(is_fixed) {
            let message = format!(
                "`{}` has built-in constructors beside others, which can't be generated",
                ty.name
            );
            diagnostics.push(
                Diagnostic::new(Code::Unsupported, ty.span, message)
                    .help("give the others a type of their own"),
            );
        }
    }
}
