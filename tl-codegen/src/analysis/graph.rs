//! Which types and constructors hold which: the graph that recursion is read from.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, TypeId, View};

use super::shape::{Field, Shape};

/// Nodes are types first, then constructors; an edge says that a value of one can hold a value of the other.
pub(super) struct Graph {
    types: usize,
    edges: Vec<Vec<Edge>>,
}

/// One way to hold a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The node held.
    pub to: usize,
    /// Whether a vector lies between, so that the value is not inline.
    pub through_vector: bool,
}

impl Graph {
    /// The graph of all generated combinators.
    pub(super) fn new(view: &View<'_>, fields: &HashMap<CombinatorId, Vec<Field>>) -> Self {
        let types = view.schema().types().len();
        let mut graph = Self {
            types,
            edges: vec![Vec::new(); types + view.schema().combinators().len()],
        };
        for (ty, _) in view.schema().types() {
            for constructor in view.constructors(ty).filter(|id| fields.contains_key(id)) {
                let to = graph.constructor_node(constructor);
                graph.edges[ty.index()].push(Edge {
                    to,
                    through_vector: false,
                });
            }
        }
        for (&id, fields) in fields {
            let node = graph.constructor_node(id);
            let mut edges = Vec::new();
            for field in fields {
                graph.add_edges(&field.shape, false, &mut edges);
            }
            graph.edges[node] = edges;
        }
        graph
    }

    /// The edges a field of this shape makes: what a type is given for its parameters, its values can hold.
    pub(super) fn edges_of(&self, shape: &Shape) -> Vec<Edge> {
        let mut edges = Vec::new();
        self.add_edges(shape, false, &mut edges);
        edges
    }

    fn add_edges(&self, shape: &Shape, through_vector: bool, edges: &mut Vec<Edge>) {
        let to = match shape {
            Shape::Boxed(ty, _) | Shape::BareType(ty, _) => Some(self.type_node(*ty)),
            Shape::Bare(id, _) => Some(self.constructor_node(*id)),
            _ => None,
        };
        edges.extend(to.map(|to| Edge { to, through_vector }));
        let is_vector = matches!(shape, Shape::Vector { .. } | Shape::Repeat { .. });
        for part in shape.parts() {
            self.add_edges(part, through_vector || is_vector, edges);
        }
    }

    /// The node whose layout a field of this shape has as its own, if it is not behind a pointer.
    pub(super) fn laid_out_as(&self, shape: &Shape) -> Option<usize> {
        match shape {
            Shape::Boxed(ty, _) | Shape::BareType(ty, _) => Some(self.type_node(*ty)),
            Shape::Bare(id, _) => Some(self.constructor_node(*id)),
            Shape::WithId { value, .. } => self.laid_out_as(value),
            _ => None,
        }
    }

    /// Per node, those that can hold its values.
    pub(super) fn holders(&self) -> Vec<Vec<usize>> {
        let mut holders = vec![Vec::new(); self.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for edge in edges {
                holders[edge.to].push(from);
            }
        }
        holders
    }

    pub(super) fn type_node(&self, ty: TypeId) -> usize {
        ty.index()
    }

    pub(super) fn constructor_node(&self, id: CombinatorId) -> usize {
        self.types + id.index()
    }

    /// The index of a node's constructor.
    pub(super) fn constructor_of(&self, node: usize) -> Option<usize> {
        node.checked_sub(self.types)
    }

    pub(super) fn is_type(&self, node: usize) -> bool {
        node < self.types
    }

    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn edges(&self, node: usize) -> &[Edge] {
        &self.edges[node]
    }
}
