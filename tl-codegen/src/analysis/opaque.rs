//! What is kept as bytes: whole types, and constructors of types that are enums otherwise. Which lines tell where such a value
//! ends, and that they can: what ends with its message alone, or depends on where it stands, is reported.

use std::collections::{BTreeMap, BTreeSet};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{Combinator, CombinatorId, TypeId, View};

use super::graph::Graph;
use super::recursion::Recursion;
use super::shape::{Extent, Field, Shape};
use super::{fields, is_in_rust};

/// What patterns choose to be kept as bytes, through all layers.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    /// Types that are nothing else.
    pub types: BTreeSet<TypeId>,
    /// Those of these that are generated.
    pub used_types: BTreeSet<TypeId>,
    /// The constructors: all of those types, and some of others.
    pub constructors: BTreeSet<CombinatorId>,
    /// All that these reach.
    pub reached: BTreeSet<CombinatorId>,
}

/// What is kept as bytes at one layer.
#[derive(Debug, Default)]
pub(crate) struct Opaque {
    /// The types that are nothing else.
    pub types: BTreeSet<TypeId>,
    /// The constructors of those, and of other types: in source order.
    pub constructors: BTreeMap<TypeId, Vec<CombinatorId>>,
    /// What all of them reach: by these definitions they are passed over.
    pub lines: BTreeMap<CombinatorId, Nesting>,
    /// The same for each type.
    pub reach: BTreeMap<TypeId, BTreeSet<CombinatorId>>,
}

/// What of a definition nests.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nesting {
    /// Whether values of its type can hold values of the type.
    pub boxed: bool,
    /// Whether bare values of the constructor can hold such.
    pub bare: bool,
}

impl Opaque {
    /// What is kept at a layer.
    pub(super) fn of(
        view: &View<'_>,
        chosen: &Chosen,
        is_generated: impl Fn(CombinatorId) -> bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let schema = view.schema();
        let mut opaque = Self::default();
        if chosen.constructors.is_empty() {
            return opaque;
        }
        for (ty, own) in schema.types() {
            let is_whole = chosen.types.contains(&ty);
            let constructors: Vec<_> = view
                .constructors(ty)
                .filter(|id| chosen.constructors.contains(id))
                .filter(|id| is_whole || !is_generated(*id))
                .collect();
            // Of an enum that nothing needs no constructor is needed either.
            let is_used = match is_whole {
                true => chosen.used_types.contains(&ty),
                false => view.constructors(ty).any(&is_generated),
            };
            if constructors.is_empty() || !is_used {
                continue;
            }
            if !own.params.is_empty() {
                let message = format!("`{}` has parameters and can't be kept as bytes", own.name);
                diagnostics.push(
                    Diagnostic::new(Code::Unsupported, own.span, message)
                        .label("only the place where it stands tells what its values are")
                        .help("name types without parameters in `opaque`"),
                );
                continue;
            }
            if is_whole {
                opaque.types.insert(ty);
            }
            opaque
                .reach
                .insert(ty, reach(view, &constructors, &chosen.reached));
            opaque.constructors.insert(ty, constructors);
        }
        opaque.find_lines(view, diagnostics);
        opaque
    }

    /// The constructors of a type that are kept as bytes.
    pub(crate) fn of_type(&self, ty: TypeId) -> &[CombinatorId] {
        self.constructors.get(&ty).map_or(&[], Vec::as_slice)
    }

    fn find_lines(&mut self, view: &View<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let schema = view.schema();
        let reached: BTreeSet<_> = self.reach.values().flatten().copied().collect();
        let lines = reached
            .into_iter()
            .filter(|&id| is_in_rust(view, id, false));
        let all = lines.map(|id| (id, fields::of(view, id, &BTreeSet::new(), diagnostics).0));
        let all = all.collect();
        let graph = Graph::new(view, &all);
        let recursion = Recursion::find(&graph);
        for (&id, own) in &all {
            let boxed = schema.result_type(id);
            let nesting = Nesting {
                boxed: boxed.is_some_and(|ty| recursion.is_cyclic(graph.type_node(ty))),
                bare: recursion.is_cyclic_bare(&graph, id),
            };
            self.lines.insert(id, nesting);
            for field in own {
                if let Some(what) = no_end_of_its_own(&field.shape) {
                    diagnostics.push(refusal(&schema[id], field, what));
                }
            }
        }
    }
}

/// What values of some constructors can hold at a layer, and these.
fn reach(
    view: &View<'_>,
    constructors: &[CombinatorId],
    all: &BTreeSet<CombinatorId>,
) -> BTreeSet<CombinatorId> {
    let mut reached = BTreeSet::new();
    let mut types = BTreeSet::new();
    let mut waiting = constructors.to_vec();
    while let Some(id) = waiting.pop() {
        if !all.contains(&id) || !view.holds(id) || !reached.insert(id) {
            continue;
        }
        let (needed_types, needed_constructors) = view.schema().arguments_need(id);
        let needed_types = needed_types.into_iter().filter(|&ty| types.insert(ty));
        waiting.extend(needed_types.flat_map(|ty| view.constructors(ty)));
        waiting.extend(needed_constructors.iter().map(|&id| view.current(id)));
    }
    reached
}

fn refusal(combinator: &Combinator, field: &Field, what: &str) -> Diagnostic {
    // Variables ascend.
    let params = &combinator.params;
    let param = params.binary_search_by_key(&field.var, |param| param.var);
    let span = param.map_or(combinator.span, |at| params[at].span);
    let name = &combinator.name;
    let message =
        format!("`{name}` holds {what} and can't be kept as bytes, nor can what holds a `{name}`");
    Diagnostic::new(Code::Unsupported, span, message)
        .label("no definition alone tells where this ends")
        .help("name other types in `opaque`")
}

/// What of a value does not end where one definition after another says.
fn no_end_of_its_own(shape: &Shape) -> Option<&'static str> {
    let mut found = None;
    shape.walk(&mut |part| {
        let what = match part {
            Shape::Object { extent, .. } if !matches!(extent, Extent::Length(_)) => {
                "an object of any type"
            }
            Shape::Var(_) | Shape::Query(_) => "a value of a type variable",
            Shape::BareType(..) => "a value that numbers tell the constructor of",
            Shape::Boxed(_, args) | Shape::Bare(_, args) if !args.is_empty() => {
                "a value of a type with parameters"
            }
            _ => return,
        };
        found.get_or_insert(what);
    });
    found
}
