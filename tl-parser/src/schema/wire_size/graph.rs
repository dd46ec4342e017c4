//! The sizes by fixpoint: what a value consists of, and two passes over it, one for each bound. Neither recurses.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{UNBOUNDED, WORD_BYTES, WireSize};
use crate::schema::{Builtin, CombinatorId, Param, Schema, Term, TypeId, View};

/// The sizes of all combinators, then of all types.
pub(super) fn sizes(view: &View<'_>) -> Vec<Option<WireSize>> {
    let graph = Graph::new(view);
    let least = graph.least();
    let most = graph.most(&least);
    let size = |(least, most): (Option<u64>, Option<u64>)| {
        let min = least?;
        // What never got a greatest size waits for itself.
        let max = most.filter(|&most| most != UNBOUNDED);
        Some(WireSize { min, max })
    };
    least.into_iter().zip(most).map(size).collect()
}

/// Combinators first, then types.
struct Graph {
    nodes: Vec<Node>,
    /// Per node, an edge for every place that has it as a part.
    users: Vec<Vec<Edge>>,
}

enum Node {
    /// Does not hold at this layer.
    Absent,
    /// Fixed by the language.
    Fixed(Bytes),
    /// Its arguments, one behind another.
    Sum(Vec<Part>),
    /// A type: its constructors, with an id.
    Choice(Vec<usize>),
}

#[derive(Clone, Copy)]
struct Bytes {
    least: u64,
    most: u64,
}

struct Part {
    of: Of,
    /// How often it occurs at least.
    least: u64,
    /// How often it occurs at most.
    most: u64,
}

#[derive(Clone, Copy)]
enum Of {
    Fixed(Bytes),
    Node(usize),
}

#[derive(Clone, Copy)]
struct Edge {
    user: usize,
    is_required: bool,
}

impl Part {
    /// The node whose values can occur in it.
    fn node(&self) -> Option<usize> {
        match self.of {
            Of::Node(node) if self.most > 0 => Some(node),
            _ => None,
        }
    }
}

impl Graph {
    fn new(view: &View<'_>) -> Self {
        let schema = view.schema();
        let types_from = schema.combinators().len();
        let lowering = Lowering {
            view,
            schema,
            types_from,
        };
        let combinators = schema.combinators().map(|(id, _)| lowering.combinator(id));
        let types = schema.types().map(|(id, _)| lowering.ty(id));
        let nodes: Vec<_> = combinators.chain(types).collect();
        let mut users = vec![Vec::new(); nodes.len()];
        for (user, node) in nodes.iter().enumerate() {
            for (part, is_required) in node.parts() {
                users[part].push(Edge { user, is_required });
            }
        }
        Self { nodes, users }
    }

    /// The least sizes, smallest first: a value is no smaller than its parts, so the smallest size at hand is final
    /// (Knuth's generalization of Dijkstra's algorithm). What is never reached has no finite value.
    fn least(&self) -> Vec<Option<u64>> {
        let mut settled: Vec<Option<u64>> = vec![None; self.nodes.len()];
        let mut missing = self.count_parts(|_, is_required| is_required);
        let mut is_chosen = vec![false; self.nodes.len()];
        let mut next: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let is_ready = matches!(node, Node::Fixed(_) | Node::Sum(_)) && missing[at] == 0;
            if is_ready {
                next.push(Reverse((node.least(&settled), at)));
            }
        }
        while let Some(Reverse((size, at))) = next.pop() {
            if settled[at].is_some() {
                continue;
            }
            settled[at] = Some(size);
            for edge in &self.users[at] {
                missing[edge.user] -= usize::from(edge.is_required);
                // One constructor is enough for a type, and the first to come is its smallest; a sum needs all that is
                // required.
                let is_ready = match &self.nodes[edge.user] {
                    Node::Choice(_) => !std::mem::replace(&mut is_chosen[edge.user], true),
                    _ => edge.is_required && missing[edge.user] == 0,
                };
                if is_ready && settled[edge.user].is_none() {
                    let size = match &self.nodes[edge.user] {
                        Node::Choice(_) => size.saturating_add(WORD_BYTES),
                        user => user.least(&settled),
                    };
                    next.push(Reverse((size, edge.user)));
                }
            }
        }
        settled
    }

    /// The greatest sizes of all that has a finite value, parts first; none for what waits for itself.
    fn most(&self, least: &[Option<u64>]) -> Vec<Option<u64>> {
        let exists = |at: usize| least[at].is_some();
        let mut missing = self.count_parts(|part, _| exists(part));
        let mut found: Vec<Option<u64>> = vec![None; self.nodes.len()];
        let mut ready: Vec<usize> = (0..self.nodes.len())
            .filter(|&at| exists(at) && missing[at] == 0)
            .collect();
        while let Some(at) = ready.pop() {
            found[at] = Some(self.nodes[at].most(&found));
            for edge in &self.users[at] {
                missing[edge.user] -= 1;
                if missing[edge.user] == 0 && exists(edge.user) {
                    ready.push(edge.user);
                }
            }
        }
        found
    }

    fn count_parts(&self, counts: impl Fn(usize, bool) -> bool) -> Vec<usize> {
        let count = |node: &Node| {
            let parts = node.parts().into_iter();
            parts
                .filter(|&(part, required)| counts(part, required))
                .count()
        };
        self.nodes.iter().map(count).collect()
    }
}

impl Node {
    /// The nodes it consists of, and whether none of its values can do without them.
    fn parts(&self) -> Vec<(usize, bool)> {
        match self {
            Self::Sum(parts) => parts
                .iter()
                .filter_map(|part| Some((part.node()?, part.least > 0)))
                .collect(),
            Self::Choice(ways) => ways.iter().map(|&way| (way, false)).collect(),
            Self::Absent | Self::Fixed(_) => Vec::new(),
        }
    }

    /// A type's is that of its smallest constructor and is not asked for here.
    fn least(&self, settled: &[Option<u64>]) -> u64 {
        match self {
            Self::Absent | Self::Choice(_) => 0,
            Self::Fixed(bytes) => bytes.least,
            Self::Sum(parts) => parts.iter().fold(0, |sum, part| {
                let size = match part.of {
                    Of::Fixed(bytes) => bytes.least,
                    Of::Node(node) => settled[node].unwrap_or(0),
                };
                size.saturating_mul(part.least).saturating_add(sum)
            }),
        }
    }

    /// What is not found by now has no value, and never occurs.
    fn most(&self, found: &[Option<u64>]) -> u64 {
        match self {
            Self::Absent => 0,
            Self::Fixed(bytes) => bytes.most,
            Self::Sum(parts) => parts.iter().fold(0, |sum, part| {
                let size = match part.of {
                    Of::Fixed(bytes) => bytes.most,
                    Of::Node(node) => found[node].unwrap_or(0),
                };
                size.saturating_mul(part.most).saturating_add(sum)
            }),
            Self::Choice(ways) => {
                let most = ways.iter().filter_map(|&way| found[way]).max();
                most.unwrap_or(0).saturating_add(WORD_BYTES)
            }
        }
    }
}

/// Makes nodes of definitions.
struct Lowering<'v, 'a> {
    view: &'v View<'a>,
    schema: &'a Schema,
    types_from: usize,
}

impl Lowering<'_, '_> {
    fn combinator(&self, id: CombinatorId) -> Node {
        let combinator = &self.schema[id];
        if !self.view.holds(id) {
            return Node::Absent;
        }
        if let Some(builtin) = combinator.builtin {
            return Node::Fixed(builtin_bytes(builtin));
        }
        if combinator.is_opaque {
            // Built into somebody else's compiler.
            return Node::Fixed(at_least(0));
        }
        let mut parts = Vec::new();
        self.params(&combinator.params, (1, 1), &mut parts);
        Node::Sum(parts)
    }

    fn ty(&self, id: TypeId) -> Node {
        match self.schema[id].builtin {
            // Any value at all, of which nothing but the id is certain.
            Some(Builtin::Object | Builtin::Function) => Node::Fixed(at_least(WORD_BYTES)),
            _ => Node::Choice(
                self.view
                    .constructors(id)
                    .map(CombinatorId::index)
                    .collect(),
            ),
        }
    }

    /// The arguments that are on the wire, each `least` to `most` times.
    fn params(&self, params: &[Param], (least, most): (u64, u64), parts: &mut Vec<Part>) {
        for param in params.iter().filter(|param| !param.is_implicit) {
            let least = if param.condition.is_none() { least } else { 0 };
            let of = match &param.ty {
                Term::Repeat(repeat) => {
                    let (at_least, at_most) = times(&repeat.count);
                    let range = (least.saturating_mul(at_least), most.saturating_mul(at_most));
                    self.params(&repeat.params, range, parts);
                    continue;
                }
                _ if param.is_query => Of::Fixed(at_least(WORD_BYTES)),
                Term::Nat => Of::Fixed(exactly(WORD_BYTES)),
                Term::Boxed(ty, _) => Of::Node(self.types_from + ty.index()),
                Term::Bare(id, _) => Of::Node(self.view.current(*id).index()),
                Term::BareType(..)
                | Term::Var { .. }
                | Term::Type
                | Term::Number(_)
                | Term::Sum(..) => Of::Fixed(at_least(0)),
            };
            parts.push(Part { of, least, most });
        }
    }
}

/// How often a repetition with this count repeats, at least and at most.
fn times(count: &Term) -> (u64, u64) {
    match count {
        Term::Number(number) => (u64::from(*number), u64::from(*number)),
        Term::Sum(_, number) => (u64::from(*number), UNBOUNDED),
        _ => (0, UNBOUNDED),
    }
}

/// The size of a bare built-in value.
fn builtin_bytes(builtin: Builtin) -> Bytes {
    match builtin {
        Builtin::Int | Builtin::Float => exactly(4),
        Builtin::Long | Builtin::Int53 | Builtin::Double => exactly(8),
        Builtin::Int128 => exactly(16),
        Builtin::Int256 => exactly(32),
        Builtin::Int512 => exactly(64),
        Builtin::Bool | Builtin::True => exactly(0),
        // A length or a count of zero, or an id.
        Builtin::String
        | Builtin::Bytes
        | Builtin::Vector
        | Builtin::Object
        | Builtin::Function => at_least(WORD_BYTES),
    }
}

const fn exactly(bytes: u64) -> Bytes {
    Bytes {
        least: bytes,
        most: bytes,
    }
}

const fn at_least(bytes: u64) -> Bytes {
    Bytes {
        least: bytes,
        most: UNBOUNDED,
    }
}
