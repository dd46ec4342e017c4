//! Definitions of the plain form `name#01234567 word:# name:type name:word.0?Type<type> = Type;`, as nearly all are in the
//! schemas of APIs.
//!
//! Whatever else stands somewhere makes a definition one that the grammar has to read, also what would be an error. So the
//! rules here are the grammar's own, but fewer.

use crate::span::{FileId, Span};
use crate::syntax::ast::{
    Apply, Arg, ArgForm, Combinator, Condition, ExplicitId, Expr, ExprKind, Ident, Names, Nat,
};
use crate::syntax::lexer::scan;

/// Reads plain definitions of one text.
pub(super) struct Plain<'s> {
    file: FileId,
    text: &'s str,
    bytes: &'s [u8],
    words: scan::Words,
    /// The arguments of the definition being read. They leave with it, in a list of just their number.
    args: Vec<Arg<'s>>,
}

impl<'s> Plain<'s> {
    pub(super) fn new(file: FileId, text: &'s str) -> Self {
        Self {
            file,
            text,
            bytes: text.as_bytes(),
            words: scan::Words::find(text.as_bytes()),
            args: Vec::with_capacity(64),
        }
    }

    /// The definition that begins here, if it is plain, and where it ends.
    #[inline]
    pub(super) fn definition(&mut self, start: usize) -> Option<(Combinator<'s>, usize)> {
        let (name_end, base) = self.name(start, self.word(start)?);
        if self.byte(base).is_ascii_uppercase() {
            return None;
        }
        let (id, mut at) = self.id(name_end)?;
        self.args.clear();
        at = self.blanks(at);
        while self.byte(at) != b'=' {
            at = self.arg(at)?;
            at = self.blanks(at);
        }
        let result_start = self.blanks(at + 1);
        let (result, result_end) = self.ty(result_start, self.word(result_start)?)?;
        let last = self.blanks(result_end);
        if self.byte(last) != b';' {
            return None;
        }
        let mut args = Vec::with_capacity(self.args.len());
        args.append(&mut self.args);
        let definition = Combinator {
            annotations: Vec::new(),
            name: self.ident(start, name_end),
            id,
            args,
            builtin: None,
            arrow: false,
            result_bang: None,
            result,
            span: self.span(start, last + 1),
        };
        Some((definition, last + 1))
    }

    /// `#01234567`, or nothing at all.
    #[inline]
    fn id(&self, at: usize) -> Option<(Option<ExplicitId>, usize)> {
        if self.byte(at) != b'#' {
            return Some((None, at));
        }
        let id = ExplicitId {
            value: scan::eight_hex_digits(self.rest(at + 1))?,
            span: self.span(at, at + 9),
        };
        Some((Some(id), at + 9))
    }

    /// `name:type`, `name:word?type` or `name:word.0?type`. Says where it ends.
    #[inline]
    fn arg(&mut self, start: usize) -> Option<usize> {
        let name_end = self.word(start)?;
        if self.byte(name_end) != b':' {
            return None;
        }
        let (condition, ty, end) = self.conditional(name_end + 1)?;
        self.args.push(Arg {
            form: ArgForm::Plain,
            names: Names::One(self.ident(start, name_end)),
            condition,
            bang: None,
            ty,
            span: self.span(start, end),
        });
        Some(end)
    }

    #[inline]
    fn conditional(&self, start: usize) -> Option<(Option<Condition<'s>>, Expr<'s>, usize)> {
        if self.byte(start) == b'#' {
            let end = start + 1;
            return Some((None, self.expr(ExprKind::Hash, start, end), end));
        }
        let word_end = self.word(start)?;
        let Some((bit, ty_start)) = self.bit(word_end) else {
            let (ty, end) = self.ty(start, word_end)?;
            return Some((None, ty, end));
        };
        let condition = Condition {
            word: self.ident(start, word_end),
            bit,
            span: self.span(start, ty_start),
        };
        let (ty, end) = self.ty(ty_start, self.word(ty_start)?)?;
        Some((Some(condition), ty, end))
    }

    /// `.0?` or `?`, and where it ends.
    #[inline]
    fn bit(&self, at: usize) -> Option<(Option<Nat>, usize)> {
        match self.byte(at) {
            b'?' => return Some((None, at + 1)),
            b'.' => {}
            _ => return None,
        }
        let (mut value, start) = (0, at + 1);
        let mut end = start;
        // Real bits have two digits at most; with four, nothing overflows.
        while self.byte(end).is_ascii_digit() && end < start + 4 {
            value = value * 10 + u32::from(self.byte(end) - b'0');
            end += 1;
        }
        let nat = Nat {
            value,
            span: self.span(start, end),
        };
        (end > start && self.byte(end) == b'?').then_some((Some(nat), end + 1))
    }

    /// `Type` or `Type<Type>`, whose first word ends at `word_end`, up to a blank or a `;`.
    #[inline]
    fn ty(&self, start: usize, word_end: usize) -> Option<(Expr<'s>, usize)> {
        let (name_end, _) = self.name(start, word_end);
        let name = self.named(start, name_end);
        let (ty, end) = match self.byte(name_end) {
            b'<' => self.applied(name, start, name_end + 1)?,
            _ => (name, name_end),
        };
        let ends = self.byte(end) == b';' || scan::is_blank(self.byte(end));
        ends.then_some((ty, end))
    }

    /// The rest of `Type<Type>`.
    fn applied(&self, head: Expr<'s>, start: usize, arg_start: usize) -> Option<(Expr<'s>, usize)> {
        let (arg_end, _) = self.name(arg_start, self.word(arg_start)?);
        if self.byte(arg_end) != b'>' {
            return None;
        }
        let apply = Apply {
            head,
            args: vec![self.named(arg_start, arg_end)],
            angle: true,
        };
        let end = arg_end + 1;
        Some((self.expr(ExprKind::Apply(Box::new(apply)), start, end), end))
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

    #[inline]
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    #[inline]
    fn ident(&self, start: usize, end: usize) -> Ident<'s> {
        Ident {
            text: self.text.get(start..end).unwrap_or_default(),
            span: self.span(start, end),
        }
    }

    #[inline]
    fn expr(&self, kind: ExprKind<'s>, start: usize, end: usize) -> Expr<'s> {
        Expr {
            kind,
            span: self.span(start, end),
        }
    }

    #[inline]
    fn named(&self, start: usize, end: usize) -> Expr<'s> {
        self.expr(ExprKind::Name(self.ident(start, end)), start, end)
    }
}
