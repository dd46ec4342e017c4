//! Tokens, and the list of them that the grammar reads.

use crate::span::{FileId, Span};

/// What a token is. Every kind but the first five has one spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) enum TokenKind {
    /// *lc-ident-ns*, with any number of namespaces; also a name that begins with `_`.
    Lower,
    /// *uc-ident-ns*, with any number of namespaces; the keywords too.
    Upper,
    /// `17`
    Nat,
    /// `#1cb5c415`, directly behind a name.
    Id,
    /// What stands where an id belongs and isn't one; already reported.
    BadId,
    Underscore,
    Hash,
    Colon,
    Semicolon,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    OpenAngle,
    CloseAngle,
    TripleMinus,
    TripleEquals,
    Equals,
    Arrow,
    Question,
    Percent,
    Plus,
    Comma,
    Dot,
    Star,
    Bang,
    At,
    /// Behind the last token.
    End,
}

impl TokenKind {
    /// Whether it is a name of either kind.
    #[inline]
    pub(in crate::syntax) const fn is_word(self) -> bool {
        matches!(self, Self::Lower | Self::Upper)
    }
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) struct Token {
    pub(in crate::syntax) kind: TokenKind,
    /// Whether it is a name with a namespace.
    pub(in crate::syntax) dotted: bool,
    pub(in crate::syntax) start: u32,
    pub(in crate::syntax) end: u32,
}

/// The tokens of one file, closed by [`TokenKind::End`], with the text they point into.
#[derive(Debug)]
pub(in crate::syntax) struct TokenList<'s> {
    pub(in crate::syntax) file: FileId,
    pub(in crate::syntax) text: &'s str,
    pub(in crate::syntax) tokens: Vec<Token>,
}

impl<'s> TokenList<'s> {
    /// The kind of a token; `End` past the end.
    #[inline]
    pub(in crate::syntax) fn kind(&self, at: usize) -> TokenKind {
        self.tokens
            .get(at)
            .map_or(TokenKind::End, |token| token.kind)
    }

    /// A token; the empty one at the end of the text past the end.
    #[inline]
    pub(in crate::syntax) fn token(&self, at: usize) -> Token {
        let end = self.text.len() as u32;
        self.tokens.get(at).copied().unwrap_or(Token {
            kind: TokenKind::End,
            dotted: false,
            start: end,
            end,
        })
    }

    /// Where a token stands.
    #[inline]
    pub(in crate::syntax) fn span(&self, at: usize) -> Span {
        let token = self.token(at);
        Span::new(self.file, token.start, token.end)
    }

    /// A token's text.
    #[inline]
    pub(in crate::syntax) fn word(&self, at: usize) -> &'s str {
        let token = self.token(at);
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default()
    }

    /// What stands between a token and the one before it: blanks and comments.
    pub(in crate::syntax) fn gap(&self, at: usize) -> &'s str {
        let start = at.checked_sub(1).map_or(0, |before| self.token(before).end);
        self.text
            .get(start as usize..self.token(at).start as usize)
            .unwrap_or_default()
    }
}
