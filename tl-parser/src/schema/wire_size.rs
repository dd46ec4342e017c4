//! How many bytes values take on the wire, at least and at most.
//!
//! Sizes follow <https://core.telegram.org/mtproto/serialize>: everything comes in words of 4 bytes, a boxed value has the
//! id of its constructor before it, and an optional argument may be absent.
//!
//! The bounds are exact but for definitions with parameters, which stand for many types at once: an argument whose type is a
//! variable counts as 0 bytes or more, and a variable count as 0 times or more.

mod graph;

use std::fmt;

use super::{CombinatorId, TypeId, View};

/// The bytes of a constructor's id or of a count.
const WORD_BYTES: u64 = 4;

/// Stands for a size that has no bound. No value of any schema comes near it.
const UNBOUNDED: u64 = u64::MAX;

/// How many bytes a value takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct WireSize {
    /// The bytes of the smallest value: empty vectors and strings, nothing optional.
    pub min: u64,
    /// The bytes of the largest value; none where strings, vectors or recursion set no bound.
    pub max: Option<u64>,
}

impl WireSize {
    /// The size with the id of a constructor before the value.
    #[must_use]
    pub fn boxed(self) -> Self {
        Self {
            min: self.min.saturating_add(WORD_BYTES),
            max: self.max.and_then(|max| max.checked_add(WORD_BYTES)),
        }
    }
}

impl fmt::Display for WireSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "{min} bytes"),
            (min, Some(max)) => write!(f, "{min} to {max} bytes"),
            (min, None) => write!(f, "{min} bytes or more, unbounded"),
        }
    }
}

/// The sizes of everything in a schema at one layer.
#[derive(Clone, Debug)]
pub struct WireSizes {
    combinators: Vec<Option<WireSize>>,
    types: Vec<Option<WireSize>>,
}

impl View<'_> {
    /// Computes the sizes of everything that holds at this layer.
    pub fn wire_sizes(&self) -> WireSizes {
        let mut combinators = graph::sizes(self);
        let types = combinators.split_off(self.schema().combinators().len());
        WireSizes { combinators, types }
    }
}

impl WireSizes {
    /// The bytes of a combinator's arguments, which are its bare value. None where they have no finite value or it does
    /// not hold at this layer.
    pub fn of_combinator(&self, id: CombinatorId) -> Option<WireSize> {
        self.combinators.get(id.index()).copied().flatten()
    }

    /// The bytes of a type's boxed values, the id included. None where it has no constructors or no finite value.
    pub fn of_type(&self, ty: TypeId) -> Option<WireSize> {
        self.types.get(ty.index()).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use crate::schema::testing::{combinator, reading, schema, type_named};

    /// The sizes of a schema's definitions by name, as text.
    fn shown(schema: &Schema, layer: Option<u32>, name: &str) -> String {
        let view = schema.view(layer);
        let sizes = view.wire_sizes();
        let size = if name.starts_with(|first: char| first.is_ascii_uppercase()) {
            sizes.of_type(type_named(schema, name))
        } else {
            sizes.of_combinator(view.current(combinator(schema, name)))
        };
        size.map_or_else(|| "none".to_owned(), |size| size.to_string())
    }

    #[track_caller]
    fn assert_sizes(text: &str, expected: &[(&str, &str)]) {
        let schema = schema(text);
        for (name, size) in expected {
            assert_eq!(shown(&schema, None, name), *size, "{name}");
        }
    }

    #[test]
    fn built_in_types_have_their_fixed_sizes() {
        assert_sizes(
            "n a:int b:long c:double d:int128 e:int256 f:Bool g:true h:# = N; s a:string = S; v a:vector<int> = V; \
             w a:Vector<int> = W; o a:Object = O; i a:int512 b:Int = I; \
             odd ? = Odd;",
            &[
                ("n", "76 bytes"),
                ("N", "80 bytes"),
                ("s", "4 bytes or more, unbounded"),
                ("v", "4 bytes or more, unbounded"),
                ("w", "8 bytes or more, unbounded"),
                ("o", "4 bytes or more, unbounded"),
                ("i", "72 bytes"),
                ("Bool", "4 bytes"),
                ("odd", "0 bytes or more, unbounded"),
            ],
        );
    }

    #[test]
    fn optional_arguments_count_for_the_largest_value_alone() {
        assert_sizes(
            "a flags:# x:flags.0?int y:flags.1?true z:flags.2?B = A; b x:long = B; c = C; d x:int128 = C; e c:C = E;",
            &[
                ("a", "4 to 20 bytes"),
                ("C", "4 to 20 bytes"),
                ("e", "4 to 20 bytes"),
                ("E", "8 to 24 bytes"),
            ],
        );
    }

    #[test]
    fn an_optional_argument_known_first_does_not_stand_in_for_a_required_one() {
        assert_sizes(
            "a flags:# x:flags.0?B y:C = A; b = B; c x:D = C; d x:int256 = D;",
            &[("a", "44 to 48 bytes")],
        );
    }

    #[test]
    fn recursion_has_a_smallest_value_and_no_largest() {
        assert_sizes(
            "leaf = Tree; fork left:Tree right:Tree = Tree; chain flags:# next:flags.0?%Chain = Chain; \
             holder tree:Tree = Holder; pick a:Tree = Pick; pick2 = Pick;",
            &[
                ("Tree", "4 bytes or more, unbounded"),
                ("fork", "8 bytes or more, unbounded"),
                ("chain", "4 bytes or more, unbounded"),
                ("holder", "4 bytes or more, unbounded"),
                ("pick2", "0 bytes"),
                ("Pick", "4 bytes or more, unbounded"),
            ],
        );
    }

    #[test]
    fn repetitions_multiply() {
        assert_sizes(
            "a 3*[ x:int 2*[ y:long ] ] = A; b n:# 2*[ z:n*[ int ] ] = B; c n:# n*[ t:true ] = C; d n:# (n+2)*[ int ] = D; \
             e 0*[ string ] = E;",
            &[
                ("a", "60 bytes"),
                ("b", "4 bytes or more, unbounded"),
                ("c", "4 bytes"),
                ("d", "12 bytes or more, unbounded"),
                ("e", "0 bytes"),
            ],
        );
    }

    #[test]
    fn parameters_and_queries_can_be_anything() {
        assert_sizes(
            "just {t:Type} value:t = Maybe t; nothing {t:Type} = Maybe t; box x:(Maybe int) = Box;\n---functions---\n\
             call {X:Type} layer:int query:!X = X;",
            &[
                ("just", "0 bytes or more, unbounded"),
                ("Maybe", "4 bytes or more, unbounded"),
                ("box", "4 bytes or more, unbounded"),
                ("call", "8 bytes or more, unbounded"),
            ],
        );
    }

    #[test]
    fn what_has_no_finite_value_has_no_size() {
        let schema =
            reading("a a:A = A; b b:B = B; c = B; d a:A = D; e flags:# a:flags.0?A = E;").schema;
        for (name, size) in [
            ("a", "none"),
            ("A", "none"),
            ("d", "none"),
            ("b", "4 bytes or more, unbounded"),
            ("e", "4 bytes"),
        ] {
            assert_eq!(shown(&schema, None, name), size, "{name}");
        }
    }

    #[test]
    fn a_layer_has_the_sizes_of_what_holds_at_it() {
        let schema = schema("===1===\na x:int = A; b a:a = B;\n===2===\na x:long = A;");
        assert_eq!(shown(&schema, Some(1), "B"), "8 bytes");
        assert_eq!(shown(&schema, Some(2), "B"), "12 bytes");
    }

    #[test]
    fn long_chains_and_huge_counts_take_neither_stack_nor_overflow() {
        let mut text = String::new();
        for index in 0..20_000 {
            text.push_str(&format!("c{index} a:C{0} b:C{0} = C{index};\n", index + 1));
        }
        text.push_str("c20000 x:4294967295*[ 4294967295*[ 4294967295*[ int ] ] ] = C20000;");
        let schema = schema(&text);
        let sizes = schema.view(None).wire_sizes();
        let size = sizes.of_combinator(combinator(&schema, "c0"));
        let expected = WireSize {
            min: u64::MAX,
            max: None,
        };
        assert_eq!(size, Some(expected));
    }
}
