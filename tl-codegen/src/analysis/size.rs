//! How big generated values get in Rust, and what is boxed so that they stay small.
//!
//! A struct's size is that of its fields (rustc orders them well); an enum's is its largest variant and a tag. Variants
//! above [`VARIANT_INLINE_BYTES`] and optional fields above [`OPTIONAL_INLINE_BYTES`] go behind a `Box`: an absent or small
//! value must not pay for a large one. Structs that would still pass [`STRUCT_BYTES`] box their largest fields,
//! optional ones first.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, TypeId, View};

use super::fields::{Field, Presence, Shape};

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
    pub(super) fn compute(view: &View<'_>, fields: &mut HashMap<CombinatorId, Vec<Field>>) -> Self {
        let mut layouts = Self {
            structs: HashMap::new(),
            enums: HashMap::new(),
            struct_min_bytes: HashMap::new(),
        };
        // Combinators wait until all they hold inline is laid out; inline cycles are boxed already, so each round
        // lays out at least one, and the order is that of the schema.
        let mut waiting: Vec<CombinatorId> = view
            .schema()
            .combinators()
            .map(|(id, _)| id)
            .filter(|id| fields.contains_key(id))
            .collect();
        loop {
            let before = waiting.len();
            waiting.retain(|id| {
                let Some(own) = fields.get_mut(id) else {
                    return false;
                };
                let Some(layout) = layouts.lay_out_struct(view, own) else {
                    return true;
                };
                layouts.structs.insert(*id, layout);
                let min_bytes = layouts.min_bytes(own);
                layouts.struct_min_bytes.insert(*id, min_bytes);
                false
            });
            if waiting.len() == before {
                return layouts;
            }
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
            .sum()
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

    fn lay_out_struct(&mut self, view: &View<'_>, fields: &mut [Field]) -> Option<Layout> {
        let mut layouts = Vec::with_capacity(fields.len());
        for field in fields.iter_mut() {
            let inner = if field.is_boxed {
                POINTER
            } else {
                self.of_shape(view, &field.shape)?
            };
            if field.presence != Presence::Always && inner.size > OPTIONAL_INLINE_BYTES {
                field.is_boxed = true;
            }
            layouts.push(field_layout(field, inner));
        }
        while total(&layouts).size > STRUCT_BYTES {
            let can_be_boxed = |field: &Field| {
                !field.is_boxed
                    && matches!(
                        field.shape,
                        Shape::Boxed(..) | Shape::BareType(..) | Shape::Bare(..)
                    )
            };
            let is_optional = |field: &Field| field.presence != Presence::Always;
            let largest = (0..fields.len())
                .filter(|&at| can_be_boxed(&fields[at]) && layouts[at].size > POINTER.size)
                .max_by_key(|&at| {
                    (
                        is_optional(&fields[at]),
                        layouts[at].size,
                        std::cmp::Reverse(at),
                    )
                });
            let Some(at) = largest else { break };
            fields[at].is_boxed = true;
            layouts[at] = POINTER;
        }
        Some(total(&layouts))
    }

    fn of_shape(&mut self, view: &View<'_>, shape: &Shape) -> Option<Layout> {
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
            Shape::WithId { value, .. } => self.of_shape(view, value)?,
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
            Shape::Boxed(ty, _) | Shape::BareType(ty, _) => self.of_enum(view, *ty)?,
        })
    }

    fn of_enum(&mut self, view: &View<'_>, ty: TypeId) -> Option<Layout> {
        if let Some(layout) = self.enums.get(&ty) {
            return Some(*layout);
        }
        let (mut payload, mut align, mut variants) = (0, 1, 0);
        for constructor in view.constructors(ty) {
            let own = *self.structs.get(&constructor)?;
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
        Some(layout)
    }
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
