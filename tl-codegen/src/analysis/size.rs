//! How big generated values get in Rust, and what is boxed so that they stay small.
//!
//! A struct's size is that of its fields (rustc orders them well); an enum's is its largest variant and a tag. Variants
//! above [`VARIANT_INLINE_BYTES`] and optional fields above [`OPTIONAL_INLINE_BYTES`] go behind a `Box`: an absent or small
//! value must not pay for a large one. Structs that would still pass [`STRUCT_BYTES`] box their largest fields,
//! optional ones first.

use std::cmp::Reverse;
use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, CombinatorKind, TypeId, View};

use super::graph::Graph;
use super::shape::{Field, Presence, Shape};

/// The largest variant that an enum holds inline. Measured on the Telegram API: compile time and decode speed are best
/// between 64 and 200.
pub(crate) const VARIANT_INLINE_BYTES: usize = 128;
/// The largest optional field that a struct holds inline.
pub(crate) const OPTIONAL_INLINE_BYTES: usize = 64;
/// The largest struct that is left alone.
const STRUCT_BYTES: usize = 512;

/// A Rust layout on a 64-bit machine, as close as it can be told without the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Whether an `Option` of it is no larger.
    pub has_niche: bool,
}

/// The layouts of everything generated.
#[derive(Debug)]
pub(crate) struct Layouts {
    structs: HashMap<CombinatorId, Layout>,
    enums: HashMap<TypeId, Layout>,
    struct_min_bytes: HashMap<CombinatorId, usize>,
}

impl Layouts {
    /// Lays out every struct and enum, innermost first, and boxes the fields that are too large.
    pub(super) fn compute(
        view: &View<'_>,
        graph: &Graph,
        fields: &mut HashMap<CombinatorId, Vec<Field>>,
    ) -> Self {
        let mut layouts = Self {
            structs: HashMap::new(),
            enums: HashMap::new(),
            struct_min_bytes: HashMap::new(),
        };
        // A struct waits until all that it holds inline is laid out, an enum until all its variants are; inline cycles
        // are boxed already.
        let schema = view.schema();
        let inline = |field: &Field| {
            let node = graph.laid_out_as(&field.shape);
            node.filter(|_| !field.is_boxed)
        };
        let mut waiting = Waiting::new(graph, fields, inline);
        let is_variant = |id: &CombinatorId| fields.contains_key(id);
        let variants = schema
            .types()
            .map(|(ty, _)| view.constructors(ty).filter(is_variant).count());
        let mut missing_variants: Vec<usize> = variants.collect();
        while let Some(id) = waiting.ready.pop() {
            let own = fields.get_mut(&id);
            let Some(layout) = own.and_then(|own| layouts.lay_out_struct(own)) else {
                continue;
            };
            layouts.structs.insert(id, layout);
            waiting.release(graph.constructor_node(id));
            let is_constructor = schema[id].kind == CombinatorKind::Constructor;
            if let Some(ty) = schema.result_type(id).filter(|_| is_constructor) {
                let missing = &mut missing_variants[ty.index()];
                *missing = missing.saturating_sub(1);
                if *missing == 0 {
                    layouts.lay_out_enum(view, ty);
                    waiting.release(graph.type_node(ty));
                }
            }
        }
        layouts.find_min_bytes(graph, fields);
        layouts
    }

    /// What a bare value holds bare counts, whether or not it lies behind a `Box`.
    fn find_min_bytes(&mut self, graph: &Graph, fields: &HashMap<CombinatorId, Vec<Field>>) {
        let bare = |field: &Field| match field.shape {
            Shape::Bare(id, _) if field.presence == Presence::Always => {
                Some(graph.constructor_node(id))
            }
            _ => None,
        };
        let mut waiting = Waiting::new(graph, fields, bare);
        while let Some(id) = waiting.ready.pop() {
            let min_bytes = self.min_bytes(&fields[&id]);
            self.struct_min_bytes.insert(id, min_bytes);
            waiting.release(graph.constructor_node(id));
        }
    }

    /// The layout of a constructor's or function's struct.
    pub(crate) fn of_struct(&self, id: CombinatorId) -> Layout {
        self.structs.get(&id).copied().unwrap_or(WORD)
    }

    /// The fewest bytes that fields take on the wire, as far as it matters: whether it is less than one word.
    pub(crate) fn min_bytes(&self, fields: &[Field]) -> usize {
        fields
            .iter()
            .filter(|field| field.presence == Presence::Always)
            .map(|field| self.min_bytes_of(&field.shape))
            .fold(0, usize::saturating_add)
    }

    fn min_bytes_of(&self, shape: &Shape) -> usize {
        match shape {
            Shape::True => 0,
            Shape::Bare(id, _) => self.struct_min_bytes.get(id).copied().unwrap_or(0),
            // Whatever is given for the variable, or no item at all.
            Shape::Var(_) | Shape::BareType(..) | Shape::Repeat { .. } | Shape::Record(_) => 0,
            Shape::Long | Shape::Double => 8,
            Shape::Int128 => 16,
            Shape::Int256 => 32,
            Shape::Int512 => 64,
            _ => 4,
        }
    }

    /// Whether a constructor's struct is too large to lie in its enum.
    pub(crate) fn is_boxed_variant(&self, id: CombinatorId) -> bool {
        self.of_struct(id).size > VARIANT_INLINE_BYTES
    }

    /// None while something it holds inline is not laid out.
    fn lay_out_struct(&self, fields: &mut [Field]) -> Option<Layout> {
        let mut layouts = Vec::with_capacity(fields.len());
        for field in fields.iter_mut() {
            let inner = if field.is_boxed {
                POINTER
            } else {
                self.of_shape(&field.shape)?
            };
            if field.presence != Presence::Always && inner.size > OPTIONAL_INLINE_BYTES {
                field.is_boxed = true;
            }
            layouts.push(field_layout(field, inner));
        }
        let mut size: usize = layouts.iter().map(|layout| layout.size).sum();
        if size > STRUCT_BYTES {
            for at in by_weight(fields, &layouts) {
                if size <= STRUCT_BYTES {
                    break;
                }
                size -= layouts[at].size - POINTER.size;
                fields[at].is_boxed = true;
                layouts[at] = POINTER;
            }
        }
        Some(total(&layouts))
    }

    fn of_shape(&self, shape: &Shape) -> Option<Layout> {
        Some(match shape {
            Shape::Int | Shape::Nat | Shape::Float => Layout {
                size: 4,
                align: 4,
                has_niche: false,
            },
            Shape::Long | Shape::Double => WORD,
            Shape::Bool => Layout {
                size: 1,
                align: 1,
                has_niche: true,
            },
            Shape::True | Shape::Flags | Shape::Count => NOTHING,
            Shape::WithId { value, .. } => self.of_shape(value)?,
            // Most are given a string, a vector or less.
            Shape::Var(_) => Layout {
                size: 24,
                align: 8,
                has_niche: false,
            },
            Shape::String
            | Shape::Bytes
            | Shape::Vector { .. }
            | Shape::Repeat { .. }
            | Shape::Record(_)
            | Shape::Opaque(_)
            | Shape::Object { .. } => Layout {
                size: 24,
                align: 8,
                has_niche: true,
            },
            Shape::Int128 => Layout {
                size: 16,
                align: 1,
                has_niche: false,
            },
            Shape::Int256 => Layout {
                size: 32,
                align: 1,
                has_niche: false,
            },
            Shape::Int512 => Layout {
                size: 64,
                align: 1,
                has_niche: false,
            },
            Shape::Query(_) => NOTHING,
            Shape::Bare(id, _) => *self.structs.get(id)?,
            Shape::Boxed(ty, _) | Shape::BareType(ty, _) => *self.enums.get(ty)?,
        })
    }

    /// Lays out an enum whose variants all are.
    fn lay_out_enum(&mut self, view: &View<'_>, ty: TypeId) {
        let (mut payload, mut align, mut variants) = (0, 1, 0);
        for constructor in view.constructors(ty) {
            let own = self.of_struct(constructor);
            let own = if own.size > VARIANT_INLINE_BYTES {
                POINTER
            } else {
                own
            };
            payload = payload.max(own.size);
            align = align.max(own.align);
            variants += 1;
        }
        let tag = if variants > 1 { align } else { 0 };
        let layout = Layout {
            size: (payload + tag).next_multiple_of(align),
            align,
            has_niche: variants > 1,
        };
        self.enums.insert(ty, layout);
    }
}

/// Combinators that wait for what their fields need.
struct Waiting {
    /// Per node, who waits for it, once for each field.
    holders: Vec<Vec<CombinatorId>>,
    missing: HashMap<CombinatorId, usize>,
    ready: Vec<CombinatorId>,
}

impl Waiting {
    fn new(
        graph: &Graph,
        fields: &HashMap<CombinatorId, Vec<Field>>,
        need: impl Fn(&Field) -> Option<usize>,
    ) -> Self {
        let mut waiting = Self {
            holders: vec![Vec::new(); graph.len()],
            missing: HashMap::new(),
            ready: Vec::new(),
        };
        for (&id, own) in fields {
            let needs = own.iter().filter_map(&need);
            let missing = needs.map(|node| waiting.holders[node].push(id)).count();
            waiting.missing.insert(id, missing);
            waiting.ready.extend((missing == 0).then_some(id));
        }
        waiting
    }

    /// What all need that wait for this node is there now.
    fn release(&mut self, node: usize) {
        for holder in std::mem::take(&mut self.holders[node]) {
            let missing = self.missing.entry(holder).or_default();
            *missing = missing.saturating_sub(1);
            self.ready.extend((*missing == 0).then_some(holder));
        }
    }
}

/// The fields that can still be boxed and gain by it, optional ones first, then the largest, then in order.
fn by_weight(fields: &[Field], layouts: &[Layout]) -> Vec<usize> {
    let gains = |at: &usize| {
        let (field, layout) = (&fields[*at], layouts[*at]);
        !field.is_boxed
            && matches!(
                field.shape,
                Shape::Boxed(..) | Shape::BareType(..) | Shape::Bare(..)
            )
            && layout.size > POINTER.size
    };
    let mut places: Vec<_> = (0..fields.len()).filter(gains).collect();
    places.sort_by_key(|&at| {
        let is_required = fields[at].presence == Presence::Always;
        (is_required, Reverse(layouts[at].size), at)
    });
    places
}

const NOTHING: Layout = Layout {
    size: 0,
    align: 1,
    has_niche: false,
};
const WORD: Layout = Layout {
    size: 8,
    align: 8,
    has_niche: false,
};
const POINTER: Layout = Layout {
    size: 8,
    align: 8,
    has_niche: true,
};

fn field_layout(field: &Field, inner: Layout) -> Layout {
    let inner = if field.is_boxed { POINTER } else { inner };
    match field.presence {
        Presence::Flag { .. } if field.shape == Shape::True => Layout {
            size: 1,
            align: 1,
            has_niche: true,
        },
        Presence::Flag { .. } if !inner.has_niche => Layout {
            size: inner.size + inner.align,
            ..inner
        },
        _ => inner,
    }
}

fn total(fields: &[Layout]) -> Layout {
    let align = fields.iter().map(|field| field.align).max().unwrap_or(1);
    let size: usize = fields.iter().map(|field| field.size).sum();
    let has_niche = fields.iter().any(|field| field.has_niche);
    Layout {
        size: size.next_multiple_of(align),
        align,
        has_niche,
    }
}
