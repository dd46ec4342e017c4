//! Finds plain definitions.
//!
//! Whatever else stands somewhere makes a definition one that the grammar has to read, also what would be an error. So the
//! rules here are the grammar's own, but fewer.

use super::plain::{Arg, Condition, Definition, Type};
use crate::syntax::lexer::scan;

/// Reads plain definitions of one text.
pub(super) struct Scanner<'s> {
    bytes: &'s [u8],
    words: scan::Words,
    /// The arguments of all definitions read.
    pub(super) args: Vec<Arg>,
}

/// Real schemas have an argument for every thirty bytes or more.
const BYTES_PER_ARG: usize = 30;

impl<'s> Scanner<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        Self {
            bytes: text.as_bytes(),
            words: scan::Words::find(text.as_bytes()),
            args: Vec::with_capacity(text.len() / BYTES_PER_ARG),
        }
    }

    /// The definition that begins here, if it is plain.
    #[inline]
    pub(super) fn definition(&mut self, start: usize) -> Option<Definition> {
        let first_arg = self.args.len();
        let definition = self.plain(start, first_arg);
        if definition.is_none() {
            self.args.truncate(first_arg);
        }
        definition
    }

    #[inline]
    fn plain(&mut self, start: usize, first_arg: usize) -> Option<Definition> {
        let (name_end, base) = self.name(start, self.word(start)?);
        if self.byte(base).is_ascii_uppercase() {
            return None;
        }
        let (id, mut at) = self.id(name_end)?;
        at = self.blanks(at);
        while self.byte(at) != b'=' {
            at = self.arg(at)?;
            at = self.blanks(at);
        }
        let result_start = self.blanks(at + 1);
        let result = self.boxed(result_start)?;
        let last = self.blanks(result.end as usize);
        (self.byte(last) == b';').then_some(Definition {
            start: start as u32,
            name_end: name_end as u32,
            id,
            args: first_arg as u32..self.args.len() as u32,
            result,
            end: last as u32 + 1,
        })
    }

    /// A type whose name begins with an upper-case letter behind its namespaces.
    #[inline]
    fn boxed(&self, start: usize) -> Option<Type> {
        let (head_end, base) = self.name(start, self.word(start)?);
        let ty = self.ty(start, head_end)?;
        self.byte(base).is_ascii_uppercase().then_some(ty)
    }

    /// `#01234567`, or nothing at all.
    #[inline]
    fn id(&self, at: usize) -> Option<(Option<u32>, usize)> {
        if self.byte(at) != b'#' {
            return Some((None, at));
        }
        let id = scan::eight_hex_digits(self.rest(at + 1))?;
        Some((Some(id), at + 9))
    }

    /// `name:type`, `name:word?type` or `name:word.0?type`. Says where it ends.
    #[inline]
    fn arg(&mut self, start: usize) -> Option<usize> {
        let name_end = self.word(start)?;
        if self.byte(name_end) != b':' {
            return None;
        }
        let (condition, ty) = self.conditional(name_end + 1)?;
        self.args.push(Arg {
            start: start as u32,
            name_end: name_end as u32,
            condition,
            ty,
        });
        Some(ty.end as usize)
    }

    #[inline]
    fn conditional(&self, start: usize) -> Option<(Option<Condition>, Type)> {
        if self.byte(start) == b'#' {
            return Some((None, named(start, start + 1)));
        }
        let word_end = self.word(start)?;
        let Some((bit, ty_start)) = self.bit(word_end) else {
            return Some((None, self.ty(start, word_end)?));
        };
        let word_end = word_end as u32;
        let ty = self.ty(ty_start, self.word(ty_start)?)?;
        Some((Some(Condition { word_end, bit }), ty))
    }

    /// `.0?` or `?`, and where it ends.
    #[inline]
    fn bit(&self, at: usize) -> Option<(Option<u16>, usize)> {
        match self.byte(at) {
            b'?' => return Some((None, at + 1)),
            b'.' => {}
            _ => return None,
        }
        let (mut value, start) = (0, at + 1);
        let mut end = start;
        // Real bits have two digits at most; with four, nothing overflows.
        while self.byte(end).is_ascii_digit() && end < start + 4 {
            value = value * 10 + u16::from(self.byte(end) - b'0');
            end += 1;
        }
        (end > start && self.byte(end) == b'?').then_some((Some(value), end + 1))
    }

    /// `Type` or `Type<Type>`, whose first word ends at `word_end`, up to a blank or a `;`.
    #[inline]
    fn ty(&self, start: usize, word_end: usize) -> Option<Type> {
        let (head_end, _) = self.name(start, word_end);
        let mut ty = named(start, head_end);
        if self.byte(head_end) == b'<' {
            ty.end = self.applied(head_end + 1)? as u32;
        }
        let behind = self.byte(ty.end as usize);
        (behind == b';' || scan::is_blank(behind)).then_some(ty)
    }

    /// Where `type>` ends.
    #[inline]
    fn applied(&self, start: usize) -> Option<usize> {
        let (end, _) = self.name(start, self.word(start)?);
        (self.byte(end) == b'>').then_some(end + 1)
    }

    /// Where a name ends whose first word ends at `word_end`, and where its last word begins.
    #[inline]
    fn name(&self, start: usize, word_end: usize) -> (usize, usize) {
        let (mut end, mut base) = (word_end, start);
        while self.byte(end) == b'.' {
            let Some(next) = self.word(end + 1) else {
                break;
            };
            (base, end) = (end + 1, next);
        }
        (end, base)
    }

    /// Where a word ends that begins here with a letter.
    #[inline]
    fn word(&self, start: usize) -> Option<usize> {
        let is_word = self.byte(start).is_ascii_alphabetic();
        is_word.then(|| self.words.end(start + 1))
    }

    #[inline]
    fn blanks(&self, mut at: usize) -> usize {
        while scan::is_blank(self.byte(at)) {
            at += 1;
        }
        at
    }

    /// A byte; at the end of the text one that belongs nowhere.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    #[inline]
    fn rest(&self, at: usize) -> &'s [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }
}

/// A type that is not applied.
#[inline]
fn named(start: usize, end: usize) -> Type {
    let (start, end) = (start as u32, end as u32);
    Type {
        start,
        head_end: end,
        end,
    }
}
