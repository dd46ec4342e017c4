//! What can go wrong, and how it reads.

use core::fmt;
use core::ops::Deref;

/// Why bytes are not the value they were read as, and where that showed first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The byte at which the offending part starts, from the start of the whole input. For
    /// [`InvalidUtf8`](DecodeErrorKind::InvalidUtf8) it is the first bad byte itself.
    pub offset: usize,
    /// What was being read, as TL names it: `int`, `string`, `Vector`, or the type or combinator an id was read for.
    pub reading: &'static str,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

/// What is wrong with the bytes.
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
    /// The id is of none of the constructors that may stand here. The type or constructor is the error's
    /// [`reading`](DecodeError::reading).
    UnexpectedConstructor {
        /// The id that is there.
        found: u32,
        /// The ids that may be there.
        expected: ExpectedIds,
    },
    /// A flags word has bits that the schema gives no meaning: fields may follow that cannot be read.
    UnknownFlagBits {
        /// The bits without a meaning.
        bits: u32,
        /// The bits with one.
        known: u32,
    },
    /// A string is not UTF-8.
    InvalidUtf8,
    /// The count of a vector is negative as an `int`.
    VectorTooLong {
        /// The count, unsigned.
        count: u32,
    },
    /// Values nest deeper than [`Limits::depth`](super::Limits::depth).
    DepthLimit {
        /// The limit.
        limit: u32,
    },
    /// The value takes more heap than [`Limits::allocation_bytes`](super::Limits::allocation_bytes) leaves.
    AllocationLimit {
        /// How many bytes of heap the value takes.
        needed: usize,
        /// How many were left.
        available: usize,
    },
    /// The value ends before the input does, or before the part of it that a length field bounds.
    TrailingBytes {
        /// How many bytes are left.
        count: usize,
    },
    /// A constructor does not stand for the number that its type is applied to: `tnil` of `Tuple t 0` for another number.
    WrongNumber {
        /// The number.
        found: u32,
        /// The only number it stands for, or the least one.
        expected: u32,
    },
    /// No constructor of a type stands for the numbers that the type is applied to.
    NoConstructor,
    /// A length field is negative.
    NegativeLength {
        /// What it says.
        len: isize,
    },
    /// An object is not a whole number of 32-bit words.
    UnalignedLength {
        /// Its length in bytes.
        len: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            offset,
            reading,
            kind,
        } = self;
        write!(f, "at byte {offset}: ")?;
        match kind {
            DecodeErrorKind::UnexpectedEnd { needed, available } => {
                write!(
                    f,
                    "the input ends inside `{reading}`: {} needed, {available} left",
                    Bytes(*needed)
                )
            }
            DecodeErrorKind::UnexpectedConstructor {
                found,
                expected: ExpectedIds::One(id),
            } => {
                write!(f, "expected `{reading}` (0x{id:08x}), found 0x{found:08x}")
            }
            DecodeErrorKind::UnexpectedConstructor {
                found,
                expected: ExpectedIds::AnyOf(ids),
            } => {
                write!(f, "`{reading}` has no constructor 0x{found:08x}")?;
                write_ids(f, ids)
            }
            DecodeErrorKind::UnknownFlagBits { bits, known } => {
                write!(
                    f,
                    "unknown flag bits 0x{bits:08x}; the known ones are 0x{known:08x}"
                )
            }
            DecodeErrorKind::InvalidUtf8 => write!(f, "`{reading}` is not UTF-8"),
            DecodeErrorKind::VectorTooLong { count } => {
                write!(f, "`{reading}` cannot have {count} items")
            }
            DecodeErrorKind::DepthLimit { limit } => {
                write!(f, "values nest deeper than the limit of {limit}")
            }
            DecodeErrorKind::AllocationLimit { needed, available } => {
                write!(
                    f,
                    "`{reading}` takes {} of memory, the limit leaves {available}",
                    Bytes(*needed)
                )
            }
            DecodeErrorKind::TrailingBytes { count } => {
                write!(f, "{} too many after the {reading}", Bytes(*count))
            }
            DecodeErrorKind::WrongNumber { found, expected } => {
                write!(f, "`{reading}` is for the number {expected}, not {found}")
            }
            DecodeErrorKind::NoConstructor => {
                write!(f, "no constructor of `{reading}` stands for these numbers")
            }
            DecodeErrorKind::NegativeLength { len } => {
                write!(f, "`{reading}` cannot be {len} bytes long")
            }
            DecodeErrorKind::UnalignedLength { len } => {
                write!(
                    f,
                    "`{reading}` of {} is not a whole number of 32-bit words",
                    Bytes(*len)
                )
            }
        }
    }
}

impl core::error::Error for DecodeError {}

/// The ids that may stand in a place; a slice of them.
#[derive(Clone, Copy, Debug)]
pub enum ExpectedIds {
    /// One constructor, and no other.
    One(u32),
    /// Any constructor of a boxed type.
    AnyOf(&'static [u32]),
}

impl Deref for ExpectedIds {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Self::One(id) => core::slice::from_ref(id),
            Self::AnyOf(ids) => ids,
        }
    }
}

impl PartialEq for ExpectedIds {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ExpectedIds {}

/// Why a value has no form on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A string of 2⁵⁶ bytes or more, a vector of more than `i32::MAX` items, or a value larger than memory.
    TooLong {
        /// What it is, as TL names it.
        what: &'static str,
        /// Its length: bytes, or items of a vector.
        len: usize,
    },
    /// Optional fields share one flag bit, and some are there while others are not.
    Contradiction {
        /// The constructor or function, as TL names it.
        combinator: &'static str,
        /// The flags word and the bit: `flags.3`.
        what: &'static str,
    },
    /// A field is there, or is not, against what a number says of it.
    WrongPresence {
        /// The field, with the name of its constructor or function: `user.name`.
        what: &'static str,
        /// Whether the number says that it is there.
        expected: bool,
    },
    /// A field has another number of items than the number that counts them says.
    WrongCount {
        /// The field, with the name of its constructor or function.
        what: &'static str,
        /// The number.
        expected: u32,
        /// The number of items.
        found: usize,
    },
    /// A constructor does not stand for the number that its type is applied to.
    WrongNumber {
        /// The constructor, as TL names it.
        combinator: &'static str,
        /// The number.
        found: u32,
        /// The only number it stands for, or the least one.
        expected: u32,
    },
    /// The bits of a flags word that the schema gives no meaning hold some that it does: those follow from fields.
    KnownFlagBits {
        /// The word, with the name of its constructor or function: `user.flags`.
        what: &'static str,
        /// The bits that have a meaning.
        bits: u32,
    },
    /// An unknown constructor stands where numbers tell the constructor and no id is written.
    UnknownWithoutId {
        /// The type.
        type_name: &'static str,
    },
    /// The value did not write as many bytes as it had counted: its [`TlWrite`](super::TlWrite) is at fault.
    Unstable,
}

impl EncodeError {
    pub(super) const fn too_long(what: &'static str, len: usize) -> Self {
        Self::TooLong { what, len }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { what, len } => {
                write!(f, "a `{what}` of length {len} is too long to be written")
            }
            Self::Contradiction { combinator, what } => {
                write!(
                    f,
                    "the fields of `{combinator}` that share {what} must be there all or none"
                )
            }
            Self::WrongPresence {
                what,
                expected: true,
            } => write!(f, "`{what}` is missing, but its mask says that it is there"),
            Self::WrongPresence {
                what,
                expected: false,
            } => write!(f, "`{what}` is there, but its mask says that it is not"),
            Self::WrongCount {
                what,
                expected,
                found,
            } => write!(
                f,
                "`{what}` has {found} items, but its count says {expected}"
            ),
            Self::WrongNumber {
                combinator,
                found,
                expected,
            } => write!(
                f,
                "`{combinator}` is for the number {expected}, not {found}"
            ),
            Self::KnownFlagBits { what, bits } => write!(
                f,
                "the bits 0x{bits:08x} of `{what}` follow from fields and can't be set by themselves"
            ),
            Self::UnknownWithoutId { type_name } => write!(
                f,
                "an unknown constructor of `{type_name}` can't be written without its id"
            ),
            Self::Unstable => {
                f.write_str("the value wrote another number of bytes than it had counted")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

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
        let lead = match index {
            0 if ids.len() == 1 => "; expected ",
            0 => "; expected one of ",
            _ => ", ",
        };
        write!(f, "{lead}0x{id:08x}")?;
    }
    match ids.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
