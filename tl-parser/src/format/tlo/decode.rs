//! Bytes to a tree, one node for each of the official page's types. Names and ids are not looked up yet.
//!
//! The tree is never larger than the bytes by more than a constant factor, and never deeper than [`MAX_DEPTH`].

use super::{
    ARG, ARRAY, BARE, EXPR_NAT, EXPR_TYPE, IMPLICIT, LEFT, LEFT_BUILTIN, Malformed, NAT_CONST,
    NAT_VAR, QUERY, RIGHT, TYPE, TYPE_EXPR, TYPE_VAR, TloError, TloVersion,
};

pub(super) struct File<'b> {
    pub types: Vec<Type<'b>>,
    pub constructors: Vec<Combinator<'b>>,
    pub functions: Vec<Combinator<'b>>,
}

/// Every node knows the offset at which it begins.
pub(super) struct Type<'b> {
    pub offset: usize,
    pub id: u32,
    pub name: &'b str,
    pub flags: u32,
    pub arity: u32,
}

pub(super) struct Combinator<'b> {
    pub offset: usize,
    pub id: u32,
    pub name: &'b str,
    /// Nothing where `?` stands in their place.
    pub args: Option<Vec<Arg<'b>>>,
    pub result: Expr<'b>,
    /// Annotations; 0 before version 4.
    pub flags: u32,
}

pub(super) struct Arg<'b> {
    pub offset: usize,
    pub name: &'b str,
    pub is_implicit: bool,
    pub is_query: bool,
    /// The number of the variable it declares.
    pub declares: Option<u32>,
    pub condition: Option<Condition>,
    pub ty: Expr<'b>,
}

#[derive(Clone, Copy)]
pub(super) struct Condition {
    pub word: u32,
    pub bit: u32,
}

pub(super) struct Expr<'b> {
    pub offset: usize,
    pub kind: ExprKind<'b>,
}

pub(super) enum ExprKind<'b> {
    Var {
        number: u32,
        bare: bool,
    },
    Repeat {
        count: Nat,
        args: Vec<Arg<'b>>,
    },
    Apply {
        id: u32,
        bare: bool,
        args: Vec<Child<'b>>,
    },
}

pub(super) enum Child<'b> {
    Type(Expr<'b>),
    Nat(Nat),
}

pub(super) struct Nat {
    pub offset: usize,
    /// A variable's number.
    pub var: Option<u32>,
    pub plus: u32,
}

/// How deep types and repetitions may nest; the text's grammar allows no more.
const MAX_DEPTH: u32 = 64;

/// The longest name. Text repeats names that TLO only refers to; a bound on them bounds the text.
const MAX_NAME_BYTES: usize = 1024;

pub(super) fn decode(bytes: &[u8]) -> Result<File<'_>, TloError> {
    let mut reader = Reader {
        bytes,
        offset: 0,
        version: TloVersion::V2,
    };
    let magic = reader.u32()?;
    reader.version = TloVersion::ALL
        .into_iter()
        .find(|version| version.magic() == magic)
        .ok_or_else(|| malformed(0, Malformed::UnknownVersion(magic)))?;
    // The schema's own version and date; nothing depends on them.
    reader.u64()?;
    let file = File {
        types: reader.list(Reader::ty)?,
        constructors: reader.list(Reader::combinator)?,
        functions: reader.list(Reader::combinator)?,
    };
    match bytes.len() == reader.offset {
        true => Ok(file),
        false => Err(malformed(reader.offset, Malformed::TrailingBytes)),
    }
}

pub(super) fn malformed(offset: usize, what: Malformed) -> TloError {
    TloError::Malformed { offset, what }
}

struct Reader<'b> {
    bytes: &'b [u8],
    offset: usize,
    version: TloVersion,
}

impl<'b> Reader<'b> {
    /// A count and that many items. Each item takes bytes, so a count that lies costs no more than the file is long.
    fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, TloError>,
    ) -> Result<Vec<T>, TloError> {
        let count = self.u32()?;
        (0..count).map(|_| item(self)).collect()
    }

    fn ty(&mut self) -> Result<Type<'b>, TloError> {
        let offset = self.offset;
        self.magic(TYPE, "tls.type")?;
        let (id, name) = (self.u32()?, self.name()?);
        let (_constructors, flags, arity, _params) =
            (self.u32()?, self.u32()?, self.u32()?, self.u64()?);
        Ok(Type {
            offset,
            id,
            name,
            flags,
            arity,
        })
    }

    fn combinator(&mut self) -> Result<Combinator<'b>, TloError> {
        let offset = self.offset;
        self.magic(self.version.combinator(), "tls.combinator")?;
        let (id, name, _type_id) = (self.u32()?, self.name()?, self.u32()?);
        let left = self.offset;
        let args = match self.u32()? {
            LEFT_BUILTIN => None,
            LEFT => Some(self.list(|reader| reader.arg(MAX_DEPTH))?),
            found => return Err(unexpected(left, found, "tls.combinatorLeft")),
        };
        self.magic(RIGHT, "tls.combinatorRight")?;
        let result = self.expr(MAX_DEPTH)?;
        let flags = match self.version {
            TloVersion::V2 | TloVersion::V3 => 0,
            TloVersion::V4 => self.u32()?,
        };
        Ok(Combinator {
            offset,
            id,
            name,
            args,
            result,
            flags,
        })
    }

    fn arg(&mut self, depth: u32) -> Result<Arg<'b>, TloError> {
        let offset = self.offset;
        self.magic(ARG, "tls.arg")?;
        let (name, flags) = (self.name()?, self.u32()?);
        let has = |flag| flags & flag != 0;
        let declares = match has(self.version.declares_var()) {
            true => Some(self.u32()?),
            false => None,
        };
        let condition = match has(self.version.is_conditional()) {
            true => Some(Condition {
                word: self.u32()?,
                bit: self.u32()?,
            }),
            false => None,
        };
        Ok(Arg {
            offset,
            name,
            is_implicit: has(IMPLICIT),
            is_query: has(QUERY),
            declares,
            condition,
            ty: self.expr(depth)?,
        })
    }

    fn expr(&mut self, depth: u32) -> Result<Expr<'b>, TloError> {
        let offset = self.offset;
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| malformed(offset, Malformed::TooDeep))?;
        let kind = match self.u32()? {
            TYPE_VAR => ExprKind::Var {
                number: self.u32()?,
                bare: self.u32()? & BARE != 0,
            },
            ARRAY => ExprKind::Repeat {
                count: self.nat()?,
                args: self.list(|reader| reader.arg(depth))?,
            },
            TYPE_EXPR => ExprKind::Apply {
                id: self.u32()?,
                bare: self.u32()? & BARE != 0,
                args: self.list(|reader| reader.child(depth))?,
            },
            found => return Err(unexpected(offset, found, "tls.TypeExpr")),
        };
        Ok(Expr { offset, kind })
    }

    fn child(&mut self, depth: u32) -> Result<Child<'b>, TloError> {
        let offset = self.offset;
        match self.u32()? {
            EXPR_TYPE => Ok(Child::Type(self.expr(depth)?)),
            EXPR_NAT => Ok(Child::Nat(self.nat()?)),
            found => Err(unexpected(offset, found, "tls.Expr")),
        }
    }

    /// The C parsers write `exprNat` for `natConst`; VK's generator writes what the page says.
    fn nat(&mut self) -> Result<Nat, TloError> {
        let offset = self.offset;
        let (plus, var) = match self.u32()? {
            EXPR_NAT | NAT_CONST => (self.u32()?, None),
            NAT_VAR => (self.u32()?, Some(self.u32()?)),
            found => return Err(unexpected(offset, found, "tls.NatExpr")),
        };
        Ok(Nat { offset, var, plus })
    }

    fn magic(&mut self, expected: u32, name: &'static str) -> Result<(), TloError> {
        let offset = self.offset;
        match self.u32()? {
            found if found == expected => Ok(()),
            found => Err(unexpected(offset, found, name)),
        }
    }

    /// A TL string that names something. What a name may look like is checked where it is put into text.
    fn name(&mut self) -> Result<&'b str, TloError> {
        let offset = self.offset;
        let (header, length) = match self.take::<1>()? {
            [254] => {
                let [a, b, c] = self.take()?;
                (4, u32::from_le_bytes([a, b, c, 0]) as usize)
            }
            // TL's strings have no such first byte; where it is used all the same, it begins one of 16 MiB or more.
            [255] => return Err(malformed(offset, Malformed::NameTooLong)),
            [short] => (1, usize::from(short)),
        };
        let end = (header + length).next_multiple_of(4);
        let rest = self.bytes.get(offset + header..offset + end);
        let name = rest
            .and_then(|rest| rest.get(..length))
            .ok_or_else(|| self.truncated())?;
        self.offset = offset + end;
        match std::str::from_utf8(name) {
            Ok(text) if length <= MAX_NAME_BYTES => Ok(text),
            _ => {
                let shown = &name[..length.min(64)];
                Err(malformed(
                    offset,
                    Malformed::BadName(String::from_utf8_lossy(shown).into_owned()),
                ))
            }
        }
    }

    fn u32(&mut self) -> Result<u32, TloError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, TloError> {
        self.take().map(u64::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], TloError> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let taken = rest.first_chunk().ok_or_else(|| self.truncated())?;
        self.offset += N;
        Ok(*taken)
    }

    fn truncated(&self) -> TloError {
        malformed(self.bytes.len(), Malformed::Truncated)
    }
}

fn unexpected(offset: usize, found: u32, expected: &'static str) -> TloError {
    malformed(offset, Malformed::UnexpectedMagic { found, expected })
}
