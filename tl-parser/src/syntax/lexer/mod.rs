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
            Some(last) if last.kind.is_word() && self.is_detached_id(at) => {
                let (_, len) = scan::id(self.rest(at));
                self.detached_id(at, len);
                (TokenKind::Id, len)
            }
            _ => (TokenKind::Hash, 1),
        };
        if kind == TokenKind::BadId {
            self.malformed_id(at, len);
        }
        self.push(kind, at, len)
    }

    /// `name #74e5ad7d`: no type is written like this.
    fn is_detached_id(&self, at: usize) -> bool {
        let attached = self.rest(at + 1);
        attached.first().is_some_and(u8::is_ascii_digit)
            && matches!(scan::id(self.rest(at)), (TokenKind::Id, 7..))
    }

    fn detached_id(&mut self, at: usize, len: usize) {
        let id = self.slice(at, len);
        let message = format!("the id `{id}` stands apart from its name");
        self.report(
            Diagnostic::new(Code::MalformedId, self.span(at, len), message)
                .label("there is a blank before it")
                .help(format!("an id is attached to its name: `name{id}`")),
        );
    }

    fn malformed_id(&mut self, at: usize, len: usize) {
        let text = self.slice(at, len);
        let message = format!("malformed id `{}`", excerpt(text));
        let found = Diagnostic::new(Code::MalformedId, self.span(at, len), message);
        let digits = text.get(1..).unwrap_or_default();
        let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let behind_0x = digits.strip_prefix("0x").filter(|rest| is_hex(rest));
        let found = match behind_0x.filter(|rest| (1..=8).contains(&rest.len())) {
            Some(rest) => found
                .label("an id has no `0x`")
                .help(format!("write `#{rest}`"))
                .fix(self.span(at, len), format!("#{rest}")),
            None if is_hex(digits) => found
                .label(format!("{} digits, where an id has 1 to 8", digits.len()))
                .help("leave the id out to have it computed from the definition"),
            None => found
                .label("an id is 1 to 8 hexadecimal digits, `0` to `9` and `a` to `f`")
                .help("leave it out to have it computed from the definition"),
        };
        self.report(found);
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
        if let Some(end) = self.short_section(at) {
            return end;
        }
        if self.rest(at).starts_with(b"->") {
            return self.long_arrow(at);
        }
        // The first byte may be one that begins a token when others follow (`/`, `-`).
        let len = 1 + scan::unknown(self.rest(at + 1));
        let text = self.slice(at, len);
        if let Some(end) = self.inside_name(at, len) {
            return end;
        }
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

    /// Characters between two parts of a name are taken for a part of it: `größe`, `user's`, `get-user`.
    fn inside_name(&mut self, at: usize, len: usize) -> Option<usize> {
        let tail = scan::ident_len(self.rest(at + len));
        let name = self.lexed.list.tokens.last_mut();
        let name =
            name.filter(|last| last.kind.is_word() && last.end as usize == at && tail > 0)?;
        name.end = (at + len + tail) as u32;
        let name = name.start as usize;
        let name = excerpt(self.slice(name, at + len + tail - name));
        let message = format!("`{name}` is no name in TL");
        self.report(
            Diagnostic::new(Code::UnknownCharacter, self.span(at, len), message)
                .label("this can't stand in a name")
                .help("letters from `a` to `z`, digits and `_` make names; dots stand between namespaces"),
        );
        Some(at + len + tail)
    }

    /// `->`, which is read as the `=` that stands there in TL.
    fn long_arrow(&mut self, at: usize) -> usize {
        let span = self.span(at, 2);
        self.report(
            Diagnostic::new(Code::UnknownCharacter, span, "unknown characters `->`")
                .label("no TL token begins like this")
                .help("the result of a definition stands behind `=`")
                .fix(span, "="),
        );
        self.push(TokenKind::Equals, at, 2)
    }

    /// `--functions--`, which is read as the mark it was meant to be.
    fn short_section(&mut self, at: usize) -> Option<usize> {
        let word = self.rest(at).strip_prefix(b"--")?;
        let len = scan::ident_len(word);
        let text = self.slice(at + 2, len);
        if !word.get(len..)?.starts_with(b"--") || !matches!(text, "types" | "functions") {
            return None;
        }
        let end = at + 4 + len;
        let message =
            format!("the mark of a section has three dashes on each side, found `--{text}--`");
        let span = self.span(at, 4 + len);
        self.report(
            Diagnostic::new(Code::UnknownSection, span, message)
                .help(format!("write `---{text}---`"))
                .fix(span, format!("---{text}---")),
        );
        self.push(TokenKind::TripleMinus, at, 2);
        self.push_name(TokenKind::Lower, false, at + 2, at + 2 + len);
        Some(self.push(TokenKind::TripleMinus, end - 2, 2))
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
        .fold(String::new(), |mut short, char| {
            match char {
                '"' | '\'' | '\\' => short.push(char),
                _ => short.extend(char.escape_debug()),
            }
            short
        });
    if text.chars().nth(MAX_CHARS).is_some() {
        short.push('…');
    }
    short
}

fn hint(text: &str) -> Option<&'static str> {
    match text.chars().next()? {
        '/' => Some("comments are `// …` and `/* … */`"),
        '|' => Some("a type with several constructors has a definition for each of them"),
        '"' | '\'' | '`' => Some("names stand without quotes"),
        '-' => Some("section marks are `---types---` and `---functions---`"),
        first if !first.is_ascii() => Some("only comments may hold characters outside ASCII"),
        _ => None,
    }
}
