//! What can go wrong, and where: offsets into bytes, [paths](crate::path) through types and fields.

use std::fmt;

use crate::path::{Path, Traced};

/// Why bytes are not the value they were read as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The byte at which the offending part starts, from the start of the input. For
    /// [`InvalidUtf8`](DecodeErrorKind::InvalidUtf8) it is the first bad byte itself.
    pub offset: usize,
    /// What was being read, as TL names it: `int`, `string`, `Vector`, or the type or combinator an id was read for.
    pub reading: String,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
    /// The combinators and fields that lead to it, outermost first.
    pub path: Path,
}

/// What is wrong with the bytes. Where the runtime's `wire::DecodeErrorKind` has the same kind, it means the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input, or the part of it that a length field bounds, is shorter than the value.
    UnexpectedEnd {
        /// How many bytes the value takes at least, from the offset on or (vectors) from after the count on.
        needed: usize,
        /// How many there are.
        available: usize,
    },
    /// The id is of none of the constructors that may stand here.
    UnexpectedConstructor {
        /// The id that is there.
        found: u32,
        /// The ids that may be there; none where anything known might.
        expected: Vec<u32>,
    },
    /// A flags word has bits that the schema gives no meaning.
    UnknownFlagBits {
        /// The bits without a meaning.
        bits: u32,
        /// The bits with one.
        known: u32,
    },
    /// A string is not UTF-8.
    InvalidUtf8,
    /// A length field is negative.
    NegativeLength {
        /// What it says.
        len: isize,
    },
    /// The count of a vector is negative as an `int`.
    VectorTooLong {
        /// The count, unsigned.
        count: u32,
    },
    /// Values nest deeper than the limit.
    DepthLimit {
        /// The limit.
        limit: u32,
    },
    /// The value takes more memory than [`Limits::allocation_bytes`](crate::Limits::allocation_bytes) leaves.
    AllocationLimit {
        /// How many bytes of memory the part takes.
        needed: usize,
        /// How many were left.
        available: usize,
    },
    /// The value ends before the input does, or before the part of it that a length field bounds.
    TrailingBytes {
        /// How many bytes are left.
        count: usize,
    },
    /// An object is not a whole number of 32-bit words.
    UnalignedLength {
        /// Its length in bytes.
        len: usize,
    },
    /// No bytes could be read as this: the schema does not say how.
    Undetermined {
        /// Why.
        why: String,
    },
    /// A sum of numbers, `n+1`, does not fit into 32 bits.
    NumberTooLarge,
}

impl DecodeErrorKind {
    /// What is wrong, in a sentence without the place.
    fn write(&self, f: &mut fmt::Formatter<'_>, reading: &str) -> fmt::Result {
        match self {
            Self::UnexpectedEnd { needed, available } => write!(
                f,
                "the input ends inside `{reading}`: {} needed, {available} left",
                Bytes(*needed)
            ),
            Self::UnexpectedConstructor { found, expected } => match &expected[..] {
                [] => write!(f, "nothing in the schema has the id 0x{found:08x}"),
                [one] => write!(f, "expected `{reading}` (0x{one:08x}), found 0x{found:08x}"),
                ids => {
                    write!(f, "`{reading}` has no constructor 0x{found:08x}")?;
                    write_ids(f, ids)
                }
            },
            Self::UnknownFlagBits { bits, known } => write!(
                f,
                "unknown flag bits 0x{bits:08x}; the known ones are 0x{known:08x}"
            ),
            Self::InvalidUtf8 => write!(f, "`{reading}` is not UTF-8"),
            Self::NegativeLength { len } => write!(f, "`{reading}` cannot be {len} bytes long"),
            Self::VectorTooLong { count } => write!(f, "`{reading}` cannot have {count} items"),
            Self::DepthLimit { limit } => {
                write!(f, "values nest deeper than the limit of {limit}")
            }
            Self::AllocationLimit { needed, available } => write!(
                f,
                "`{reading}` takes {} of memory, the limit leaves {available}",
                Bytes(*needed)
            ),
            Self::TrailingBytes { count } => {
                write!(f, "{} too many after the {reading}", Bytes(*count))
            }
            Self::UnalignedLength { len } => write!(
                f,
                "`{reading}` of {} is not a whole number of 32-bit words",
                Bytes(*len)
            ),
            Self::Undetermined { why } => write!(f, "`{reading}` can't be read: {why}"),
            Self::NumberTooLarge => write!(f, "a count of `{reading}` exceeds 32 bits"),
        }
    }
}

impl DecodeError {
    /// What is wrong, and at which byte, without the [path](Self::path).
    pub fn message(&self) -> impl fmt::Display {
        fmt::from_fn(|f| {
            write!(f, "at byte {}: ", self.offset)?;
            self.kind.write(f, &self.reading)
        })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)?;
        if !self.path.is_empty() {
            write!(f, ", in {}", self.path)?;
        }
        Ok(())
    }
}

impl std::error::Error for DecodeError {}

/// Why a value has no form on the wire, or JSON is not the value it was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeError {
    /// The fields that lead to it, outermost first.
    pub path: Path,
    /// What is wrong.
    pub kind: EncodeErrorKind,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// A value of another kind, or out of range.
    Mismatch {
        /// What is there.
        found: String,
        /// What belongs there.
        expected: String,
    },
    /// A field that the combinator does not have.
    UnknownField {
        /// The field.
        field: String,
        /// The combinator.
        combinator: String,
        /// The field that was most likely meant.
        nearest: Option<String>,
    },
    /// A field that has to be there.
    MissingField {
        /// The field.
        field: String,
        /// The combinator.
        combinator: String,
    },
    /// A constructor or function that the place does not take.
    UnknownConstructor {
        /// What is there.
        found: String,
        /// What belongs there.
        expected: String,
        /// What was most likely meant.
        nearest: Option<String>,
    },
    /// Fields that contradict each other: a count and its items, a mask and its fields.
    Contradiction {
        /// The contradiction in a sentence.
        what: String,
    },
    /// The schema does not say how this is written.
    Undetermined {
        /// Why.
        why: String,
    },
    /// More items, or a longer string, than the wire has room for.
    TooLong {
        /// What it is.
        what: String,
        /// Its length.
        len: usize,
    },
    /// Values nest deeper than any input may.
    DepthLimit {
        /// The limit.
        limit: u32,
    },
    /// Text that is no JSON.
    NotJson {
        /// Why, with line and column.
        why: String,
    },
}

impl fmt::Display for EncodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = |f: &mut fmt::Formatter<'_>, nearest: &Option<String>| match nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        };
        match self {
            Self::Mismatch { found, expected } => write!(f, "expected {expected}, found {found}"),
            Self::UnknownField {
                field,
                combinator,
                nearest,
            } => {
                write!(f, "`{combinator}` has no field `{field}`")?;
                hint(f, nearest)
            }
            Self::MissingField { field, combinator } => {
                write!(f, "`{combinator}` needs the field `{field}`")
            }
            Self::UnknownConstructor {
                found,
                expected,
                nearest,
            } => {
                write!(f, "expected {expected}, found {found}")?;
                hint(f, nearest)
            }
            Self::Contradiction { what } => f.write_str(what),
            Self::Undetermined { why } => write!(f, "this can't be written: {why}"),
            Self::TooLong { what, len } => {
                write!(f, "{what} of length {len} is too long to be written")
            }
            Self::DepthLimit { limit } => {
                write!(f, "values nest deeper than the limit of {limit}")
            }
            Self::NotJson { why } => write!(f, "this is no JSON: {why}"),
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at {}: ", self.path.fields())?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for EncodeError {}

/// A name that the schema does not have, or that stands for nothing that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    pub(crate) message: String,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for NameError {}

impl Traced for Box<DecodeError> {
    fn path(&mut self) -> &mut Path {
        &mut self.path
    }
}

impl Traced for Box<EncodeError> {
    fn path(&mut self) -> &mut Path {
        &mut self.path
    }
}

impl From<EncodeErrorKind> for Box<EncodeError> {
    fn from(kind: EncodeErrorKind) -> Self {
        Self::new(EncodeError {
            path: Path::default(),
            kind,
        })
    }
}

/// "1 byte", "2 bytes".
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

fn write_ids(f: &mut fmt::Formatter<'_>, ids: &[u32]) -> fmt::Result {
    const SHOWN: usize = 6;
    for (index, id) in ids.iter().take(SHOWN).enumerate() {
        let lead = if index == 0 {
            "; expected one of "
        } else {
            ", "
        };
        write!(f, "{lead}0x{id:08x}")?;
    }
    match ids.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
