//! Recursion: which fields must be boxed to give a type a size, which readers need the depth budget, and which
//! constructor a failed reader falls back to.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, CombinatorKind, TypeId, View};

use super::graph::{Edge, Graph};
use super::shape::{Field, Presence, Shape};

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
    graph: &Graph,
    fields: &HashMap<CombinatorId, Vec<Field>>,
) -> HashMap<TypeId, CombinatorId> {
    let schema = view.schema();
    let mut found: HashMap<TypeId, CombinatorId> = HashMap::new();
    // Per node, who needs a value of it, and per combinator how many needs are not met. A failed reader finds no items.
    let mut users: Vec<Vec<CombinatorId>> = vec![Vec::new(); graph.len()];
    let mut missing: HashMap<CombinatorId, usize> = HashMap::new();
    for (&id, fields) in fields {
        let always = fields
            .iter()
            .filter(|field| field.presence == Presence::Always);
        let needs = always.flat_map(|field| graph.edges_of(&field.shape));
        let needs = needs.filter(|edge| !edge.through_vector);
        missing.insert(id, needs.map(|edge| users[edge.to].push(id)).count());
    }
    // Each round ends what needs only what ended in the rounds before, so the first constructor found is shallowest.
    let ends = missing.iter().filter(|(_, missing)| **missing == 0);
    let mut round: Vec<_> = ends.map(|(id, _)| *id).collect();
    while !round.is_empty() {
        round.sort_by_key(|id| (fields[id].len(), *id));
        let mut next = Vec::new();
        for id in round {
            let mut met = std::mem::take(&mut users[graph.constructor_node(id)]);
            let is_constructor = schema[id].kind == CombinatorKind::Constructor;
            if let Some(ty) = schema.result_type(id).filter(|_| is_constructor) {
                found.entry(ty).or_insert(id);
                met.append(&mut users[graph.type_node(ty)]);
            }
            for user in met {
                let missing = missing.entry(user).or_default();
                *missing = missing.saturating_sub(1);
                if *missing == 0 {
                    next.push(user);
                }
            }
        }
        round = next;
    }
    found
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
