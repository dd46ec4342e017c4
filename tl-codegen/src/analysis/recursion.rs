//! Recursion: which fields must be boxed to give a type a size, which readers need the depth budget, and which
//! constructor a failed reader falls back to.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, TypeId, View};

use super::fields::{Field, Presence, Shape};
use super::graph::{Edge, Graph};

/// The strongly connected components of a [`Graph`].
pub(super) struct Recursion {
    /// Components over all edges: who can hold whom at any distance.
    all: Components,
    /// Components over inline edges alone: who would have no size.
    inline: Components,
    /// Components over edges between constructors alone: bare recursion, with no boxed value in between.
    bare: Components,
}

impl Recursion {
    pub(super) fn find(graph: &Graph) -> Self {
        Self {
            all: Components::of(graph, |_, _| true),
            inline: Components::of(graph, |_, edge| !edge.through_vector),
            bare: Components::of(graph, |from, edge| {
                !graph.is_type(from) && !graph.is_type(edge.to)
            }),
        }
    }

    /// Whether a node can hold itself.
    pub(super) fn is_cyclic(&self, node: usize) -> bool {
        self.all.is_cyclic(node)
    }

    /// Whether a constructor can hold itself bare.
    pub(super) fn is_cyclic_bare(&self, graph: &Graph, id: CombinatorId) -> bool {
        self.bare.is_cyclic(graph.constructor_node(id))
    }

    /// Whether a constructor and what a field of it holds can hold each other.
    pub(super) fn is_mutual(&self, graph: &Graph, id: CombinatorId, shape: &Shape) -> bool {
        let from = graph.constructor_node(id);
        graph
            .edges_of(shape)
            .iter()
            .any(|edge| self.all.same(from, edge.to))
    }

    /// Boxes every field that lies inline on a cycle.
    pub(super) fn mark_recursive_fields(
        &self,
        graph: &Graph,
        fields: &mut HashMap<CombinatorId, Vec<Field>>,
    ) {
        for (&id, fields) in fields {
            let from = graph.constructor_node(id);
            for field in fields {
                field.is_boxed = graph
                    .edges_of(&field.shape)
                    .iter()
                    .any(|edge| !edge.through_vector && self.inline.same(from, edge.to));
            }
        }
    }
}

/// Per type, the constructor whose required fields end soonest; a unit constructor where there is one.
pub(super) fn shallowest_constructors(
    view: &View<'_>,
    fields: &HashMap<CombinatorId, Vec<Field>>,
) -> HashMap<TypeId, CombinatorId> {
    let mut found: HashMap<TypeId, CombinatorId> = HashMap::new();
    let mut ended: HashMap<CombinatorId, ()> = HashMap::new();
    // Each round ends what needs only what ended in the rounds before, so the first constructor found is shallowest.
    loop {
        let mut round: Vec<(CombinatorId, Option<TypeId>)> = Vec::new();
        for (id, _) in view
            .schema()
            .combinators()
            .filter(|(id, _)| !ended.contains_key(id))
        {
            let Some(fields) = fields.get(&id) else {
                continue;
            };
            let ends = |field: &Field| {
                field.presence != Presence::Always || shape_ends(&field.shape, &found, &ended)
            };
            if fields.iter().all(ends) {
                let ty = view
                    .schema()
                    .result_type(id)
                    .filter(|&ty| view.constructors(ty).any(|own| own == id));
                round.push((id, ty));
            }
        }
        if round.is_empty() {
            return found;
        }
        round.sort_by_key(|(id, _)| (fields[id].len(), *id));
        for (id, ty) in round {
            ended.insert(id, ());
            if let Some(ty) = ty {
                found.entry(ty).or_insert(id);
            }
        }
    }
}

/// Whether a failed reader comes to an end with this shape, by what is known to end.
fn shape_ends(
    shape: &Shape,
    types: &HashMap<TypeId, CombinatorId>,
    constructors: &HashMap<CombinatorId, ()>,
) -> bool {
    match shape {
        Shape::Boxed(ty, _) | Shape::BareType(ty, _) if !types.contains_key(ty) => false,
        Shape::Bare(id, _) if !constructors.contains_key(id) => false,
        // A failed reader finds no items.
        Shape::Vector { .. } | Shape::Repeat { .. } => true,
        _ => shape
            .parts()
            .into_iter()
            .all(|part| shape_ends(part, types, constructors)),
    }
}

/// Strongly connected components of a part of the graph.
struct Components {
    component: Vec<usize>,
    cyclic: Vec<bool>,
}

impl Components {
    /// Tarjan's algorithm over the edges that `keep` lets through, with a stack of its own: schemas may be deep.
    fn of(graph: &Graph, keep: impl Fn(usize, Edge) -> bool) -> Self {
        let count = graph.len();
        let mut search = Search {
            visited: 0,
            index: vec![None; count],
            low: vec![0; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            found: Self {
                component: vec![0; count],
                cyclic: vec![false; count],
            },
        };
        let mut calls: Vec<(usize, usize)> = Vec::new();
        for root in 0..count {
            if search.index[root].is_none() {
                search.visit(root);
                calls.push((root, 0));
            }
            while let Some((node, next_edge)) = calls.last_mut() {
                let node = *node;
                if let Some(&edge) = graph.edges(node).get(*next_edge) {
                    *next_edge += 1;
                    if keep(node, edge) && search.follow(node, edge.to) {
                        calls.push((edge.to, 0));
                    }
                } else {
                    calls.pop();
                    search.leave(node, calls.last().map(|&(parent, _)| parent));
                }
            }
        }
        search.found
    }

    fn is_cyclic(&self, node: usize) -> bool {
        self.cyclic[node]
    }

    fn same(&self, a: usize, b: usize) -> bool {
        self.component[a] == self.component[b] && self.cyclic[a]
    }
}

struct Search {
    visited: usize,
    /// The order of first visits.
    index: Vec<Option<usize>>,
    /// The earliest visited node that can be reached back.
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    found: Components,
}

impl Search {
    fn visit(&mut self, node: usize) {
        self.index[node] = Some(self.visited);
        self.low[node] = self.visited;
        self.visited += 1;
        self.on_stack[node] = true;
        self.stack.push(node);
    }

    /// Looks at an edge; whether its target has to be searched first.
    fn follow(&mut self, from: usize, to: usize) -> bool {
        self.found.cyclic[from] |= from == to;
        match self.index[to] {
            None => {
                self.visit(to);
                return true;
            }
            Some(order) if self.on_stack[to] => self.low[from] = self.low[from].min(order),
            Some(_) => {}
        }
        false
    }

    fn leave(&mut self, node: usize, parent: Option<usize>) {
        if let Some(parent) = parent {
            self.low[parent] = self.low[parent].min(self.low[node]);
        }
        if Some(self.low[node]) != self.index[node] {
            return;
        }
        let at = self
            .stack
            .iter()
            .rposition(|&member| member == node)
            .unwrap_or(0);
        let members = self.stack.split_off(at);
        let is_cycle = members.len() > 1;
        for member in members {
            self.on_stack[member] = false;
            self.found.component[member] = node;
            self.found.cyclic[member] |= is_cycle;
        }
    }
}
