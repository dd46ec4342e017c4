//! TLO, the binary form of schemas: a schema serialized by the TL schema of TL schemas.
//!
//! Specification: <https://core.telegram.org/mtproto/TL-tl> (version 2). Versions 3 and 4 are VK's: 3 swaps two flag bits of
//! arguments, 4 adds a word of flags to every combinator. Where the page leaves a choice, [`write()`] does as the reference C
//! parsers do, and its bytes are theirs: the order of types and combinators, the flags of types, the numbers of variables,
//! and `natConst`, which they write with the magic of `exprNat`. It differs from them in three places where they lose
//! something:
//!
//! * a conditional `#` argument is numbered as a variable in version 2 too (the older parser forgets it there);
//! * a name of 254 bytes and more is written as a TL string (they stop, or write a length no reader understands);
//! * arguments are never left out, whatever the combinator's name (they take anything named `int` or `string` for built in).
//!
//! Partial applications (`Vector int;`) stand as the older C parser has them, as types and combinators of their own whose
//! names have blanks in them. One of a type with several constructors goes wrong there, for the names of these run into each
//! other; here it doesn't.
//!
//! What TLO can't say: comments and documentation, layers (so one [`View`](crate::schema::View) is written), `=>`,
//! annotations before version 4, `%foo` as opposed to `foo`, `_:T` as opposed to `T`, `[ t ]` as opposed to `n*[ t ]`, `S n`
//! as opposed to `n+1`. Where an id shows which of two spellings it was computed from, [`read()`] gives that one; of numbers
//! written with `S`, only where they are `S n` or `O`.

mod decode;
mod overlap;
mod select;
mod text;
mod write;

use std::fmt;

pub use text::read;
pub use write::write;

/// A version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TloVersion {
    /// The version of the official page; TDLib reads it.
    V2,
    /// VK's.
    V3,
    /// VK's, with the annotations of functions.
    V4,
}

impl TloVersion {
    const ALL: [Self; 3] = [Self::V2, Self::V3, Self::V4];

    /// The number a file of this version begins with.
    pub const fn magic(self) -> u32 {
        match self {
            Self::V2 => 0x3a2f_9be2,
            Self::V3 => 0xe4a8_604b,
            Self::V4 => 0x90ac_88d7,
        }
    }

    const fn combinator(self) -> u32 {
        match self {
            Self::V2 | Self::V3 => 0x5c0a_1ed5,
            Self::V4 => 0xe916_92d5,
        }
    }

    /// Set on an argument that declares a variable.
    const fn declares_var(self) -> u32 {
        match self {
            Self::V2 => 4,
            Self::V3 | Self::V4 => 2,
        }
    }

    /// Set on a conditional argument.
    const fn is_conditional(self) -> u32 {
        match self {
            Self::V2 => 2,
            Self::V3 | Self::V4 => 4,
        }
    }
}

/// Whether a file begins as TLO does, be it of a version that can't be read.
pub(super) fn has_magic(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first_chunk() else {
        return false;
    };
    let magic = u32::from_le_bytes(*first);
    magic == OLD_SCHEMA
        || TloVersion::ALL
            .iter()
            .any(|version| version.magic() == magic)
}

/// Versions 0 and 1; nothing writes them any more.
const OLD_SCHEMA: u32 = 0xf19d_9e38;

const TYPE: u32 = 0x12eb_4386;
const LEFT_BUILTIN: u32 = 0xcd21_1f63;
const LEFT: u32 = 0x4c12_c6d9;
const RIGHT: u32 = 0x2c06_4372;
const ARG: u32 = 0x29df_e61b;
const EXPR_TYPE: u32 = 0xecc9_da78;
/// Also what the C parsers write for `natConst`.
const EXPR_NAT: u32 = 0xdcb4_9bd8;
const NAT_CONST: u32 = 0x8ce9_40b1;
const NAT_VAR: u32 = 0x4e8a_14f0;
const TYPE_VAR: u32 = 0x0142_ceae;
const ARRAY: u32 = 0xd9fb_20de;
const TYPE_EXPR: u32 = 0xc186_3d08;

/// The ids of types that VK's generator refers to without listing them, with the names of their constructors and theirs.
const UNLISTED: [(u32, &str, &str); 4] = [
    (0xa850_9bda, "int", "Int"),
    (0x2207_6cba, "long", "Long"),
    (0x2210_c154, "double", "Double"),
    (0xb528_6e24, "string", "String"),
];

/// The type id of `#`.
const NAT_ID: u32 = 0x7065_9eff;
/// The type id of `Type`.
const TYPE_ID: u32 = 0x2cec_f817;

/// On a type expression: bare. On an argument: always set with [`IMPLICIT`].
const BARE: u32 = 1;
const IMPLICIT: u32 = 1 << 17;
const QUERY: u32 = 1 << 18;

/// On a type: `Final`, or a constructor's name stands for it somewhere.
const TYPE_FINAL: u32 = 1;
/// On a type: `%` stands before it somewhere.
const TYPE_PERCENT: u32 = 1 << 3;
/// On a type: one value could be of two of its constructors' results.
const TYPE_OVERLAP: u32 = 1 << 4;
const TYPE_EMPTY: u32 = 1 << 10;
/// On a type: one of its constructors is `_`.
const TYPE_DEFAULT: u32 = 1 << 25;

/// The annotations that version 4 knows, with their bits. `@any` is none of them.
const ANNOTATIONS: [(&str, u32); 5] = [
    ("read", 1),
    ("write", 2),
    ("readwrite", 3),
    ("internal", 4),
    ("kphp", 8),
];

/// Why a schema can't be written as TLO or read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TloError {
    /// TLO has no way to say this.
    Inexpressible {
        /// The combinator's or the type's name.
        name: String,
        /// What there is no way to say.
        what: Inexpressible,
    },
    /// The bytes are not those of a serialized schema.
    Malformed {
        /// Where, in bytes from the start.
        offset: usize,
        /// What is wrong there.
        what: Malformed,
    },
}

/// What TLO has no way to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inexpressible {
    /// `word?int`: a condition on a whole word.
    WholeWordCondition,
    /// More than 64 parameters of one type.
    TooManyParameters,
    /// A name of 16 MiB and more.
    NameTooLong,
    /// A type where a number belongs, or the other way round: an error of the schema.
    WrongKind,
}

/// What is wrong with a serialized schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The file ends in the middle of something.
    Truncated,
    /// The file goes on after its end.
    TrailingBytes,
    /// A version of the format that can't be read.
    UnknownVersion(u32),
    /// Another magic number than can stand here.
    UnexpectedMagic {
        /// The number.
        found: u32,
        /// What could stand here, by its name on the official page.
        expected: &'static str,
    },
    /// A name that TL text can't spell.
    BadName(String),
    /// A name whose length takes more than 24 bits, which no TL string has.
    NameTooLong,
    /// No type has this id.
    UnknownType(u32),
    /// Several types have this id, so that nobody can tell which is meant.
    AmbiguousType(u32),
    /// No argument before this place declares the variable of this number.
    UnknownVariable(u32),
    /// A variable that has no name, or whose name means another one at this place.
    UnnamedVariable(u32),
    /// Types and repetitions nested deeper than any real schema needs.
    TooDeep,
    /// The TL text would be far larger than any real schema.
    TooLarge,
}

impl fmt::Display for TloError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inexpressible { name, what } => {
                write!(f, "`{name}` can't be written as TLO: ")?;
                f.write_str(match what {
                    Inexpressible::WholeWordCondition => "a condition must name a bit",
                    Inexpressible::TooManyParameters => "a type may have 64 parameters",
                    Inexpressible::NameTooLong => "a name must be shorter than 16 MiB",
                    Inexpressible::WrongKind => {
                        "a type stands where a number belongs, or the other way round"
                    }
                })
            }
            Self::Malformed { offset, what } => write!(f, "malformed TLO at byte {offset}: {what}"),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the file ends too early"),
            Self::TrailingBytes => f.write_str("the schema ends here, but the file goes on"),
            Self::UnknownVersion(magic) => write!(
                f,
                "the version with the magic number {magic:08x} is not known"
            ),
            Self::UnexpectedMagic { found, expected } => {
                write!(f, "expected {expected}, found {found:08x}")
            }
            Self::BadName(name) => write!(f, "`{}` is not a name in TL", name.escape_debug()),
            Self::NameTooLong => f.write_str("a name can't begin with the byte 255"),
            Self::UnknownType(id) => write!(f, "no type has the id {id:08x}"),
            Self::AmbiguousType(id) => write!(f, "several types have the id {id:08x}"),
            Self::UnknownVariable(number) => {
                write!(f, "no argument before this declares variable {number}")
            }
            Self::UnnamedVariable(number) => {
                write!(f, "variable {number} has no name to call it by here")
            }
            Self::TooDeep => f.write_str("nested too deep"),
            Self::TooLarge => f.write_str("the schema's text would be too large"),
        }
    }
}

impl std::error::Error for TloError {}
