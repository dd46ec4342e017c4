//! Text to tokens: the section "Tokens" of TL-formal.
//!
//! Comments go into a list of their own. What is no token is reported and skipped, so that the grammar sees only tokens.
//! The scanners are nom parsers over bytes, chosen by the first byte.

use nom::bytes::complete::{tag, take_till, take_until, take_while};
use nom::combinator::recognize;
use nom::sequence::delimited;
use nom::{IResult, Parser};

use super::ast::Comment;
use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};

/// What a token is. Every kind but the first five has one spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
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
    pub(super) const fn is_word(self) -> bool {
        matches!(self, Self::Lower | Self::Upper)
    }
}

/// A token and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Whether it is a name with a namespace.
    pub(super) dotted: bool,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The tokens of one file, closed by [`TokenKind::End`], with the text they point into.
#[derive(Debug)]
pub(super) struct TokenList<'s> {
    pub(super) file: FileId,
    pub(super) text: &'s str,
    pub(super) tokens: Vec<Token>,
}

impl<'s> TokenList<'s> {
    /// The kind of a token; `End` past the end.
    #[inline]
    pub(super) fn kind(&self, at: usize) -> TokenKind {
        self.tokens
            .get(at)
            .map_or(TokenKind::End, |token| token.kind)
    }

    /// A token; the empty one at the end of the text past the end.
    #[inline]
    pub(super) fn token(&self, at: usize) -> Token {
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
    pub(super) fn span(&self, at: usize) -> Span {
        let token = self.token(at);
        Span::new(self.file, token.start, token.end)
    }

    /// A token's text.
    #[inline]
    pub(super) fn word(&self, at: usize) -> &'s str {
        let token = self.token(at);
        self.text
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default()
    }

    /// What stands between a token and the one before it: blanks and comments.
    pub(super) fn gap(&self, at: usize) -> &'s str {
        let start = at.checked_sub(1).map_or(0, |before| self.token(before).end);
        self.text
            .get(start as usize..self.token(at).start as usize)
            .unwrap_or_default()
    }
}

/// What the lexer finds in a text.
#[derive(Debug)]
pub(super) struct Lexed<'s> {
    pub(super) list: TokenList<'s>,
    pub(super) comments: Vec<Comment<'s>>,
    /// In source order.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Splits a text into tokens.
pub(super) fn lex(file: FileId, text: &str) -> Lexed<'_> {
    // Real schemas have a token for every five to six bytes.
    let list = TokenList {
        file,
        text,
        tokens: Vec::with_capacity(text.len() / 5 + 8),
    };
    let mut lexer = Lexer {
        lexed: Lexed {
            list,
            comments: Vec::new(),
            diagnostics: Vec::new(),
        },
        bytes: text.as_bytes(),
    };
    lexer.run();
    lexer.lexed
}

struct Lexer<'s> {
    lexed: Lexed<'s>,
    bytes: &'s [u8],
}

impl<'s> Lexer<'s> {
    fn run(&mut self) {
        let mut at = if self.lexed.list.text.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len_utf8()
        } else {
            0
        };
        while let Some(&first) = self.bytes.get(at) {
            at = match KINDS[usize::from(first)] {
                Some(TokenKind::Lower) => self.word(at),
                Some(kind) => self.push(kind, at, 1),
                None if is_blank(first) => at + 1,
                None => self.other(at, first),
            };
        }
        self.push(TokenKind::End, at, 0);
    }

    #[inline]
    fn rest(&self, at: usize) -> &'s [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Adds a token and says what comes behind it.
    #[inline]
    fn push(&mut self, kind: TokenKind, at: usize, len: usize) -> usize {
        let end = at + len;
        self.lexed.list.tokens.push(Token {
            kind,
            dotted: false,
            start: at as u32,
            end: end as u32,
        });
        end
    }

    #[inline]
    fn word(&mut self, at: usize) -> usize {
        let Word { kind, dotted, len } = word(self.rest(at));
        let end = at + len;
        self.lexed.list.tokens.push(Token {
            kind,
            dotted,
            start: at as u32,
            end: end as u32,
        });
        end
    }

    /// What begins with a byte that does not say enough.
    #[inline(never)]
    fn other(&mut self, at: usize, first: u8) -> usize {
        match first {
            b'0'..=b'9' => self.push(TokenKind::Nat, at, scan(digits, self.rest(at))),
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
                id(self.rest(at))
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
        match word(self.rest(at)).len {
            1 => self.push(TokenKind::Underscore, at, 1),
            _ => self.word(at),
        }
    }

    fn comment(&mut self, at: usize) -> usize {
        match self.rest(at) {
            rest @ [b'/', b'/', ..] => {
                let line = self.slice(at, scan(line_comment, rest));
                self.push_comment(at, line.strip_suffix('\r').unwrap_or(line).len())
            }
            rest @ [b'/', b'*', ..] => match block_comment(rest) {
                Ok((_, comment)) => self.push_comment(at, comment.len()),
                Err(_) => self.unterminated_comment(at),
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
        let len = 1 + scan(unknown, self.rest(at + 1));
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

const BYTE_ORDER_MARK: char = '\u{feff}';

type Scan<'s> = IResult<&'s [u8], &'s [u8], ()>;

/// How many bytes a scanner takes.
fn scan<'s>(scanner: impl Fn(&'s [u8]) -> Scan<'s>, input: &'s [u8]) -> usize {
    scanner(input).map_or(0, |(_, taken)| taken.len())
}

/// The tokens that a byte alone tells: names of both kinds by their first letter, and all of one character.
static KINDS: [Option<TokenKind>; 256] = {
    let mut kinds = [None; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = if (byte as u8).is_ascii_alphabetic() {
            Some(TokenKind::Lower)
        } else {
            single(byte as u8)
        };
        byte += 1;
    }
    kinds
};

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0b | 0x0c)
}

struct Word {
    kind: TokenKind,
    dotted: bool,
    len: usize,
}

/// *lc-ident-ns* and *uc-ident-ns*. A dot before a digit is not part of the name: it belongs to a condition,
/// `flags.3?int`.
#[inline]
fn word(input: &[u8]) -> Word {
    let (mut base, mut len) = (0, ident_len(input));
    while let [b'.', b'a'..=b'z' | b'A'..=b'Z' | b'_', tail @ ..] = &input[len..] {
        base = len + 1;
        len += 2 + ident_len(tail);
    }
    let kind = if input[base].is_ascii_uppercase() {
        TokenKind::Upper
    } else {
        TokenKind::Lower
    };
    Word {
        kind,
        dotted: base > 0,
        len,
    }
}

/// How many *ident-char*s a text begins with, eight at a time.
#[inline]
fn ident_len(input: &[u8]) -> usize {
    let mut len = 0;
    while let Some(chunk) = input[len..].first_chunk::<8>() {
        let others = other_chars(u64::from_le_bytes(*chunk));
        if others != 0 {
            return len + (others.trailing_zeros() / 8) as usize;
        }
        len += 8;
    }
    len + input[len..]
        .iter()
        .take_while(|&&byte| is_ident_char(byte))
        .count()
}

/// Sets the high bit of every byte that is no *ident-char*.
#[inline]
const fn other_chars(chunk: u64) -> u64 {
    const fn every(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    /// Sets the high bit of every byte, below 0x80, that lies in a range.
    #[inline]
    const fn within(bytes: u64, first: u8, last: u8) -> u64 {
        (bytes + every(0x80 - first)) & !(bytes + every(0x7f - last))
    }
    let ascii = chunk & every(0x7f);
    let letters = within(ascii | every(0x20), b'a', b'z');
    let digits = within(ascii, b'0', b'9');
    let underscores = within(ascii, b'_', b'_');
    !((letters | digits | underscores) & !chunk) & every(0x80)
}

/// *nat-const*
fn digits(input: &[u8]) -> Scan<'_> {
    take_while(|byte: u8| byte.is_ascii_digit()).parse(input)
}

/// `#` and all that is attached to it: an id, or what was to be one.
fn id(input: &[u8]) -> (TokenKind, usize) {
    let digits = ident_len(&input[1..]);
    let is_id = digits <= 8 && input[1..=digits].iter().all(u8::is_ascii_hexdigit);
    let kind = match digits {
        0 => TokenKind::Hash,
        _ if is_id => TokenKind::Id,
        _ => TokenKind::BadId,
    };
    (kind, 1 + digits)
}

fn line_comment(input: &[u8]) -> Scan<'_> {
    take_till(|byte| byte == b'\n').parse(input)
}

fn block_comment(input: &[u8]) -> Scan<'_> {
    recognize(delimited(tag("/*"), take_until("*/"), tag("*/"))).parse(input)
}

/// A run of characters that begin no token.
fn unknown(input: &[u8]) -> Scan<'_> {
    take_till(|byte: u8| {
        is_blank(byte)
            || is_ident_char(byte)
            || matches!(byte, b'/' | b'-' | b'=' | b'#')
            || single(byte).is_some()
    })
    .parse(input)
}

/// *ident-char*
fn is_ident_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Tokens of one character.
const fn single(byte: u8) -> Option<TokenKind> {
    Some(match byte {
        b':' => TokenKind::Colon,
        b';' => TokenKind::Semicolon,
        b'(' => TokenKind::OpenParen,
        b')' => TokenKind::CloseParen,
        b'[' => TokenKind::OpenBracket,
        b']' => TokenKind::CloseBracket,
        b'{' => TokenKind::OpenBrace,
        b'}' => TokenKind::CloseBrace,
        b'<' => TokenKind::OpenAngle,
        b'>' => TokenKind::CloseAngle,
        b'?' => TokenKind::Question,
        b'%' => TokenKind::Percent,
        b'+' => TokenKind::Plus,
        b',' => TokenKind::Comma,
        b'.' => TokenKind::Dot,
        b'*' => TokenKind::Star,
        b'!' => TokenKind::Bang,
        b'@' => TokenKind::At,
        _ => return None,
    })
}

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
