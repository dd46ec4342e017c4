//! Definitions of the plain form `name#01234567 word:# name:type name:word.0?Type<type> = Type;`, as nearly all are in the
//! schemas of APIs, the result a boxed type: where their parts begin and end.

use std::ops::Range;

use super::Outline;
use crate::span::Span;
use crate::syntax::ast::{ExplicitId, Ident};

/// A plain definition: `name#01234567 args = Type;`
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(super) start: u32,
    pub(super) name_end: u32,
    pub(super) id: Option<u32>,
    /// Which of the outline's arguments are its own.
    pub(super) args: Range<u32>,
    pub(super) result: Type,
    pub(super) end: u32,
}

impl Definition {
    /// Where it ends, with its `;`.
    pub(super) const fn end(&self) -> usize {
        self.end as usize
    }
}

/// `name:type`, `name:word?type` or `name:word.0?type`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg {
    pub(super) start: u32,
    pub(super) name_end: u32,
    pub(super) condition: Option<Condition>,
    pub(super) ty: Type,
}

/// `word?` or `word.0?`; it begins behind the argument's `:`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    pub(super) word_end: u32,
    /// At most four digits.
    pub(super) bit: Option<u16>,
}

/// `type`, `Type<type>` or `#`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub(super) start: u32,
    pub(super) head_end: u32,
    pub(super) end: u32,
}

impl Arg {
    /// Where it begins.
    #[inline]
    pub(crate) const fn start(&self) -> usize {
        self.start as usize
    }

    /// Its name.
    #[inline]
    pub(crate) const fn name(&self) -> Range<usize> {
        self.start as usize..self.name_end as usize
    }

    /// Its condition, if it has one.
    #[inline]
    pub(crate) const fn condition(&self) -> Option<Condition> {
        self.condition
    }

    /// The word of its condition.
    #[inline]
    pub(crate) const fn word(&self, condition: Condition) -> Range<usize> {
        self.name_end as usize + 1..condition.word_end as usize
    }

    /// Its type.
    #[inline]
    pub(crate) const fn ty(&self) -> Type {
        self.ty
    }

    /// Whether it is written as in canonical text, but for its type: a number may begin with zeros.
    #[inline]
    pub(crate) fn has_canonical_condition(&self) -> bool {
        let Some(Condition {
            word_end,
            bit: Some(bit),
        }) = self.condition
        else {
            return true;
        };
        let digits = 1 + bit.checked_ilog10().unwrap_or(0);
        self.ty.start == word_end + 1 + digits + 1
    }
}

impl Condition {
    /// Its bit; none for the whole word.
    #[inline]
    pub(crate) const fn bit(self) -> Option<u16> {
        self.bit
    }
}

impl Type {
    /// The type itself, or the one that is applied.
    #[inline]
    pub(crate) const fn head(&self) -> Range<usize> {
        self.start as usize..self.head_end as usize
    }

    /// Whether it is `#`.
    #[inline]
    pub(crate) fn is_nat(&self, text: &str) -> bool {
        text.as_bytes().get(self.start as usize) == Some(&b'#')
    }

    /// Whether it is `Type<type>`.
    #[inline]
    pub(crate) const fn is_applied(&self) -> bool {
        self.end > self.head_end
    }

    /// What it is applied to.
    #[inline]
    pub(crate) fn item(&self) -> Option<Range<usize>> {
        let item = self.head_end as usize + 1..self.end as usize - 1;
        self.is_applied().then_some(item)
    }
}

/// A plain definition of an outline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain<'a, 's> {
    pub(super) outline: &'a Outline<'s>,
    pub(super) definition: &'a Definition,
}

impl<'a, 's> Plain<'a, 's> {
    pub(super) const fn new(outline: &'a Outline<'s>, definition: &'a Definition) -> Self {
        Self {
            outline,
            definition,
        }
    }

    /// The text that all parts of it are offsets into.
    #[inline]
    pub(crate) const fn text(self) -> &'s str {
        self.outline.text
    }

    /// A part of the text.
    #[inline]
    pub(crate) fn slice(self, range: Range<usize>) -> &'s str {
        self.outline.text.get(range).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn name(self) -> Ident<'s> {
        self.ident(self.definition.start, self.definition.name_end)
    }

    #[inline]
    pub(crate) const fn name_range(self) -> Range<usize> {
        self.definition.start as usize..self.definition.name_end as usize
    }

    #[inline]
    pub(crate) fn id(self) -> Option<ExplicitId> {
        let start = self.definition.name_end;
        self.definition.id.map(|value| ExplicitId {
            value,
            span: self.at(start, start + ID_LEN),
        })
    }

    #[inline]
    pub(crate) fn args(self) -> &'a [Arg] {
        let Range { start, end } = self.definition.args;
        self.outline
            .args
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    #[inline]
    pub(crate) const fn result(self) -> Type {
        self.definition.result
    }

    /// The boxed type that is the result, or that is applied to give it.
    #[inline]
    pub(crate) fn result_head(self) -> Ident<'s> {
        let result = self.definition.result;
        self.ident(result.start, result.head_end)
    }

    #[inline]
    pub(crate) fn span(self) -> Span {
        self.at(self.definition.start, self.definition.end)
    }

    /// Where an argument of it stands.
    #[inline]
    pub(crate) fn span_of(self, arg: &Arg) -> Span {
        self.at(arg.start, arg.ty.end)
    }

    #[inline]
    pub(super) fn at(self, start: u32, end: u32) -> Span {
        Span::new(self.outline.file, start, end)
    }

    #[inline]
    pub(super) fn ident(self, start: u32, end: u32) -> Ident<'s> {
        Ident {
            text: self.slice(start as usize..end as usize),
            span: self.at(start, end),
        }
    }
}

/// `#01234567`
const ID_LEN: u32 = 9;
