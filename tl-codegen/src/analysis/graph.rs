//! Which types and constructors hold which: the graph that recursion is read from.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, TypeId, View};

use super::fields::{Field, Shape};

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
            graph.edges[node] = fields
                .iter()
                .filter_map(|field| graph.edge(&field.shape))
                .collect();
        }
        graph
    }

    /// The edge a field of this shape makes.
    pub(super) fn edge(&self, shape: &Shape) -> Option<Edge> {
        let to = match shape.innermost() {
            Shape::Boxed(ty) => self.type_node(*ty),
            Shape::Bare(id) => self.constructor_node(*id),
            _ => return None,
        };
        Some(Edge {
            to,
            through_vector: matches!(shape, Shape::Vector { .. }),
        })
    }

    pub(super) fn type_node(&self, ty: TypeId) -> usize {
        ty.index()
    }

    pub(super) fn constructor_node(&self, id: CombinatorId) -> usize {
        self.types + id.index()
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
