//! Text to tokens: the section "Tokens" of TL-formal.
//!
//! Comments go into a list of their own. What is no token is reported and skipped, so that the grammar sees only tokens.

pub(super) mod scan;
mod token;

pub(super) use token::{Token, TokenKind, TokenList};

use super::ast::Comment;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};

/// Splits a text into tokens.
pub(super) fn lex(file: FileId, text: &str) -> Lexed<'_> {
    // Real schemas have a token for every five to six bytes.
    let mut lexer = Lexer::new(file, text, text.len() / 5 + 8);
    lexer.run();
    lexer.lexed
}

/// What the lexer finds in a text.
#[derive(Debug)]
pub(super) struct Lexed<'s> {
    pub(super) list: TokenList<'s>,
    pub(super) comments: Vec<Comment<'s>>,
    /// In source order.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads tokens from a text, all of them or those of one item after another.
pub(super) struct Lexer<'s> {
    pub(super) lexed: Lexed<'s>,
    bytes: &'s [u8],
}

impl<'s> Lexer<'s> {
    /// Nothing read yet, and room for some tokens.
    pub(super) fn new(file: FileId, text: &'s str, tokens: usize) -> Self {
        let tokens = Vec::with_capacity(tokens);
        let list = TokenList { file, text, tokens };
        Self {
            lexed: Lexed {
                list,
                comments: Vec::new(),
                diagnostics: Vec::new(),
            },
            bytes: text.as_bytes(),
        }
    }

    /// Steps over blanks and comments.
    #[inline]
    pub(super) fn gap(&mut self, mut at: usize) -> usize {
        loop {
            at = match self.rest(at) {
                [first, ..] if scan::is_blank(*first) => at + 1,
                [b'/', b'/' | b'*', ..] => self.comment(at),
                _ => return at,
            };
        }
    }

    /// Puts the tokens up to the next `;` in place of those read before, and says where they end.
    pub(super) fn item(&mut self, mut at: usize) -> usize {
        self.lexed.list.tokens.clear();
        while let Some(&first) = self.bytes.get(at) {
            at = self.token(at, first);
            if first == b';' {
                break;
            }
        }
        self.push(TokenKind::End, at, 0)
    }

    fn run(&mut self) {
        let mut at = match self.lexed.list.text.starts_with(BYTE_ORDER_MARK) {
            true => BYTE_ORDER_MARK.len_utf8(),
            false => 0,
        };
        while let Some(&first) = self.bytes.get(at) {
            at = self.token(at, first);
        }
        self.push(TokenKind::End, at, 0);
    }

    /// Reads a token, a blank or a comment.
    #[inline(always)]
    fn token(&mut self, at: usize, first: u8) -> usize {
        match scan::KINDS[usize::from(first)] {
            Some(TokenKind::Lower) => self.word(at, first),
            Some(kind) => self.push(kind, at, 1),
            None if scan::is_blank(first) => at + 1,
            None => self.other(at, first),
        }
    }

    #[inline]
    fn rest(&self, at: usize) -> &'s [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Adds a token and says where it ends.
    #[inline(always)]
    fn push(&mut self, kind: TokenKind, at: usize, len: usize) -> usize {
        self.push_name(kind, false, at, at + len)
    }

    #[inline(always)]
    fn push_name(&mut self, kind: TokenKind, dotted: bool, at: usize, end: usize) -> usize {
        let span = at as u32..end as u32;
        self.lexed.list.tokens.push(Token {
            kind,
            dotted,
            start: span.start,
            end: span.end,
        });
        end
    }

    #[inline(always)]
    fn word(&mut self, at: usize, first: u8) -> usize {
        let end = at + scan::ident_len(self.rest(at));
        if self.bytes.get(end) == Some(&b'.') {
            return self.dotted(at, end);
        }
        self.push_name(name_kind(first), false, at, end)
    }

    /// A name that goes on behind a dot, if what follows is a name. Before a digit, the dot is not part of the name: it
    /// belongs to a condition, `flags.3?int`.
    #[inline(never)]
    fn dotted(&mut self, at: usize, mut end: usize) -> usize {
        let mut base = at;
        while let [b'.', b'a'..=b'z' | b'A'..=b'Z' | b'_', tail @ ..] = self.rest(end) {
            base = end + 1;
            end += 2 + scan::ident_len(tail);
        }
        let first = self.bytes.get(base).copied().unwrap_or_default();
        self.push_name(name_kind(first), base > at, at, end)
    }

    /// What begins with a byte that does not say enough.
    #[inline(never)]
    fn other(&mut self, at: usize, first: u8) -> usize {
        match first {
            b'0'..=b'9' => self.push(TokenKind::Nat, at, scan::digits(self.rest(at))),
            b'#' => self.hash(at),
            b'=' => self.equals(at),
            b'_' => self.underscore(at),
            b'/' => self.comment(at),
            b'-' if self.rest(at).starts_with(b"---") => self.push(TokenKind::TripleMinus, at, 3),
            _ => self.unknown(at),
        }
    }

    /// The type `#`; right behind a name, and with something attached, an id.
    fn hash(&mut self, at: usize) -> usize {
        let (kind, len) = match self.lexed.list.tokens.last() {
            Some(last)
                if (last.kind.is_word() || last.kind == TokenKind::Underscore)
                    && last.end as usize == at =>
            {
                scan::id(self.rest(at))
            }
            _ => (TokenKind::Hash, 1),
        };
        if kind == TokenKind::BadId {
            self.malformed_id(at, len);
        }
        self.push(kind, at, len)
    }

    fn malformed_id(&mut self, at: usize, len: usize) {
        let message = format!("malformed id `{}`", excerpt(self.slice(at, len)));
        self.report(
            Diagnostic::new(Code::MalformedId, self.span(at, len), message)
                .label("an id is 1 to 8 hexadecimal digits")
                .help("leave it out to have it computed from the definition"),
        );
    }

    fn equals(&mut self, at: usize) -> usize {
        match self.rest(at) {
            [b'=', b'=', b'=', ..] => self.push(TokenKind::TripleEquals, at, 3),
            [b'=', b'>', ..] => self.push(TokenKind::Arrow, at, 2),
            _ => self.push(TokenKind::Equals, at, 1),
        }
    }

    fn underscore(&mut self, at: usize) -> usize {
        match self.bytes.get(at + 1) {
            Some(&next) if next == b'.' || scan::is_ident_char(next) => self.word(at, b'_'),
            _ => self.push(TokenKind::Underscore, at, 1),
        }
    }

    fn comment(&mut self, at: usize) -> usize {
        match self.rest(at) {
            rest @ [b'/', b'/', ..] => {
                let line = self.slice(at, scan::line_comment(rest));
                self.push_comment(at, line.strip_suffix('\r').unwrap_or(line).len())
            }
            rest @ [b'/', b'*', ..] => match scan::block_comment(rest) {
                Some(len) => self.push_comment(at, len),
                None => self.unterminated_comment(at),
            },
            _ => self.unknown(at),
        }
    }

    fn push_comment(&mut self, at: usize, len: usize) -> usize {
        let comment = Comment {
            text: self.slice(at, len),
            span: self.span(at, len),
        };
        self.lexed.comments.push(comment);
        at + len
    }

    /// Whatever follows belongs to the comment: there is nothing more to read.
    fn unterminated_comment(&mut self, at: usize) -> usize {
        self.report(
            Diagnostic::new(
                Code::UnterminatedComment,
                self.span(at, 2),
                "comment without an end",
            )
            .label("begins here")
            .help("close it with `*/`; nothing behind it was read"),
        );
        self.bytes.len()
    }

    fn unknown(&mut self, at: usize) -> usize {
        // The first byte may be one that begins a token when others follow (`/`, `-`).
        let len = 1 + scan::unknown(self.rest(at + 1));
        let text = self.slice(at, len);
        let noun = if text.chars().nth(1).is_some() {
            "characters"
        } else {
            "character"
        };
        let message = format!("unknown {noun} `{}`", excerpt(text));
        let mut diagnostic = Diagnostic::new(Code::UnknownCharacter, self.span(at, len), message)
            .label("no TL token begins like this");
        diagnostic.help = hint(text).map(str::to_owned);
        self.report(diagnostic);
        at + len
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.lexed.diagnostics.push(diagnostic);
    }

    fn span(&self, at: usize, len: usize) -> Span {
        Span::new(self.lexed.list.file, at as u32, (at + len) as u32)
    }

    fn slice(&self, at: usize, len: usize) -> &'s str {
        self.lexed.list.text.get(at..at + len).unwrap_or_default()
    }
}

/// The kind of a name whose last part begins with a character.
fn name_kind(first: u8) -> TokenKind {
    if first.is_ascii_uppercase() {
        TokenKind::Upper
    } else {
        TokenKind::Lower
    }
}

pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text fit to stand in a message: short, and nothing in it that a terminal would act on.
pub(super) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let mut short: String = text
        .chars()
        .take(MAX_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push('…');
    }
    short
}

fn hint(text: &str) -> Option<&'static str> {
    match text.chars().next()? {
        '/' => Some("comments are `// …` and `/* … */`"),
        '-' => Some("section marks are `---types---` and `---functions---`"),
        first if !first.is_ascii() => Some("only comments may hold characters outside ASCII"),
        _ => None,
    }
}
