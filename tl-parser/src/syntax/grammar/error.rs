//! What the grammar reports: the farthest place it came to, and what could have stood there.

use nom::error::{ErrorKind, ParseError};

use super::{MAX_NESTING, Tokens};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::syntax::lexer::{TokenKind, TokenList, excerpt};

/// A failure of the grammar at one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::syntax) struct SyntaxError {
    /// The index of the token.
    at: u32,
    problem: Problem,
    /// The index of the bracket that waits to be closed.
    opened: Option<u32>,
}

/// What is wrong with the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Something else belongs here.
    Expected(Expected),
    /// One bracket, `%` or `+` too many around it.
    TooDeep,
    /// It does not fit in 32 bits.
    TooLarge,
    /// A section that TL doesn't have.
    UnknownSection,
    /// A definition whose name begins with an upper-case letter.
    UpperCaseName,
    /// `a.b:int`
    NamespacedArgument,
}

impl SyntaxError {
    /// A problem with the next token.
    pub(super) fn new(input: Tokens<'_, '_>, problem: Problem) -> Self {
        Self {
            at: input.at,
            problem,
            opened: None,
        }
    }

    /// Something else should be the next token.
    pub(super) fn expected(input: Tokens<'_, '_>, expected: Expected) -> Self {
        Self::new(input, Problem::Expected(expected))
    }

    /// Remembers the bracket that waits to be closed.
    pub(super) fn opened_at(self, bracket: Tokens<'_, '_>) -> Self {
        Self {
            opened: Some(bracket.at),
            ..self
        }
    }

    /// The one of two errors that came farther; the first, where they are level.
    pub(super) fn farthest(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }

    /// The index of the token it is about.
    pub(super) fn index(self) -> usize {
        self.at as usize
    }

    /// The error for people to read.
    pub(in crate::syntax) fn diagnostic(&self, list: &TokenList<'_>) -> Diagnostic {
        let place = Place {
            list,
            at: self.at as usize,
        };
        let mut diagnostic = match self.problem {
            Problem::Expected(expected) => {
                place.unexpected(expected, self.opened.map(|bracket| bracket as usize))
            }
            Problem::TooDeep => place.too_deep(),
            Problem::TooLarge => place.too_large(),
            Problem::UnknownSection => place.unknown_section(),
            Problem::UpperCaseName => place.upper_case_name(),
            Problem::NamespacedArgument => place.namespaced_argument(),
        };
        if let Some(bracket) = self.opened.map(|bracket| bracket as usize) {
            diagnostic = diagnostic.also(
                list.span(bracket),
                format!("`{}` opened here", list.word(bracket)),
            );
        }
        diagnostic
    }
}

impl ParseError<Tokens<'_, '_>> for SyntaxError {
    fn from_error_kind(input: Tokens<'_, '_>, _: ErrorKind) -> Self {
        Self::expected(input, Expected::NOTHING)
    }

    fn append(_: Tokens<'_, '_>, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// Of two branches that failed the one that came farther speaks; where they are level, both do.
    fn or(self, other: Self) -> Self {
        match (self.problem, other.problem) {
            (Problem::Expected(one), Problem::Expected(two)) if self.at == other.at => Self {
                problem: Problem::Expected(one.or(two)),
                ..self
            },
            _ => self.farthest(other),
        }
    }
}

/// A set of things that could stand at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected(u32);

impl Expected {
    pub(super) const NOTHING: Self = Self(0);
    pub(super) const DEFINITION: Self = Self(1);
    pub(super) const NAME: Self = Self(1 << 1);
    pub(super) const ARGUMENT_NAME: Self = Self(1 << 2);
    pub(super) const ARGUMENT: Self = Self(1 << 3);
    pub(super) const TYPE: Self = Self(1 << 4);
    pub(super) const RESULT: Self = Self(1 << 5);
    pub(super) const BIT: Self = Self(1 << 6);
    pub(super) const NUMBER: Self = Self(1 << 7);
    pub(super) const LAYER: Self = Self(1 << 8);
    pub(super) const SECTION: Self = Self(1 << 9);

    /// One token of a single spelling.
    pub(super) const fn token(kind: TokenKind) -> Self {
        Self(match kind {
            TokenKind::Colon => 1 << 16,
            TokenKind::Semicolon => 1 << 17,
            TokenKind::Equals => 1 << 18,
            TokenKind::Question => 1 << 19,
            TokenKind::Comma => 1 << 20,
            TokenKind::CloseParen => 1 << 21,
            TokenKind::CloseBracket => 1 << 22,
            TokenKind::CloseBrace => 1 << 23,
            TokenKind::CloseAngle => 1 << 24,
            TokenKind::OpenBracket => 1 << 25,
            TokenKind::TripleMinus => 1 << 26,
            TokenKind::TripleEquals => 1 << 27,
            TokenKind::Nat => return Self::NUMBER,
            _ => return Self::NAME,
        })
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// `a, b or c`
    fn words(self) -> String {
        let words = WORDS.iter().filter(|&&(thing, _)| self.has(thing));
        let words: Vec<&str> = words.map(|&(_, word)| word).collect();
        match words.as_slice() {
            [] => "something else".to_owned(),
            [word] => (*word).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }
}

const WORDS: &[(Expected, &str)] = &[
    (Expected::DEFINITION, "a definition"),
    (Expected::NAME, "a name"),
    (Expected::ARGUMENT_NAME, "an argument's name"),
    (Expected::ARGUMENT, "an argument"),
    (Expected::TYPE, "a type"),
    (Expected::RESULT, "a result type"),
    (Expected::BIT, "a bit number"),
    (Expected::NUMBER, "a number"),
    (Expected::LAYER, "a layer number"),
    (Expected::SECTION, "`types` or `functions`"),
    (Expected::token(TokenKind::Colon), "`:`"),
    (Expected::token(TokenKind::Semicolon), "`;`"),
    (Expected::token(TokenKind::Equals), "`=`"),
    (Expected::token(TokenKind::Question), "`?`"),
    (Expected::token(TokenKind::Comma), "`,`"),
    (Expected::token(TokenKind::CloseParen), "`)`"),
    (Expected::token(TokenKind::CloseBracket), "`]`"),
    (Expected::token(TokenKind::CloseBrace), "`}`"),
    (Expected::token(TokenKind::CloseAngle), "`>`"),
    (Expected::token(TokenKind::OpenBracket), "`[`"),
    (Expected::token(TokenKind::TripleMinus), "`---`"),
    (Expected::token(TokenKind::TripleEquals), "`===`"),
];

/// The token an error is about.
struct Place<'a> {
    list: &'a TokenList<'a>,
    at: usize,
}

impl Place<'_> {
    fn unexpected(&self, expected: Expected, opened: Option<usize>) -> Diagnostic {
        let words = expected.words();
        let found = match self.kind() {
            TokenKind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", excerpt(self.word())),
        };
        // What opens a definition stands behind nothing that matters.
        let after = match self.before() {
            Some(before) if !expected.has(Expected::DEFINITION) => {
                format!(" after `{}`", excerpt(before))
            }
            _ => String::new(),
        };
        let message = format!("expected {words}{after}, found {found}");
        let mark = [TokenKind::TripleMinus, TokenKind::TripleEquals]
            .into_iter()
            .find(|kind| expected == Expected::token(*kind));
        // A mark breaks off at the end of its line, not where the next one begins.
        let span = match self.at.checked_sub(1) {
            Some(before) if mark.is_some() && self.list.gap(self.at).contains('\n') => {
                self.list.span(before).after()
            }
            _ => self.span(),
        };
        let mut diagnostic = Diagnostic::new(Code::UnexpectedToken, span, message)
            .label(format!("expected {words}"));
        if let Some(mark) = mark {
            let text = if mark == TokenKind::TripleMinus {
                "---"
            } else {
                "==="
            };
            return diagnostic
                .help(format!("a mark ends as it begins, with `{text}`"))
                .fix(span, text);
        }
        diagnostic.help = self
            .advice(expected)
            .map(str::to_owned)
            .or_else(|| self.advice_on_brackets(opened?));
        if self.kind() == TokenKind::Semicolon
            && expected.has(Expected::token(TokenKind::Equals))
            && let Some(last) = self.at.checked_sub(1)
            && self.list.kind(last) == TokenKind::Upper
        {
            let result = self.list.span(last);
            diagnostic = diagnostic
                .help(format!(
                    "if `{}` is the result, write `=` before it",
                    excerpt(self.list.word(last))
                ))
                .fix(
                    Span {
                        end: result.start,
                        ..result
                    },
                    "= ",
                );
        }
        diagnostic
    }

    /// What people mostly mean when they write this.
    fn advice(&self, expected: Expected) -> Option<&'static str> {
        use TokenKind::{CloseAngle, CloseBrace, CloseBracket, CloseParen, Colon, Equals};
        let in_arguments = expected.has(Expected::ARGUMENT);
        let before = self.at.checked_sub(1).map(|before| self.list.kind(before));
        match self.kind() {
            TokenKind::Semicolon if expected.has(Expected::token(Equals)) => {
                Some("a definition closes with its result type: `name … = Type;`")
            }
            TokenKind::Semicolon if expected.has(Expected::RESULT) => {
                Some("write the type that the definition makes or returns: `= Type;`")
            }
            TokenKind::Semicolon if expected.has(Expected::DEFINITION) => {
                Some("leave it out: the definition before it is closed already")
            }
            Equals if expected.has(Expected::DEFINITION) => {
                Some("a definition begins with its name: `name … = Type;`")
            }
            TokenKind::Nat if expected.has(Expected::DEFINITION) => {
                Some("a name begins with a letter")
            }
            TokenKind::Id | TokenKind::BadId => Some(
                "an id stands right behind the name of a definition; is there a `;` missing before it?",
            ),
            TokenKind::Plus if in_arguments => Some("put the sum in parentheses: `(n+1)`"),
            TokenKind::Comma if in_arguments => Some("arguments are separated by blanks alone"),
            TokenKind::Comma if expected.has(Expected::token(CloseParen)) => {
                Some("arguments are separated by blanks alone, and stand in no common parentheses")
            }
            TokenKind::Dot if expected.has(Expected::token(CloseAngle)) => {
                Some("a condition stands before the whole type: `name:flags.0?Vector<type>`")
            }
            TokenKind::Dot | TokenKind::Question if expected.has(Expected::token(CloseBrace)) => {
                Some("what is in braces is never sent, so it can't be left out on a condition")
            }
            TokenKind::Question if expected.has(Expected::BIT) => {
                Some("say which bit: `flags.0?type`; or ask for the whole word: `flags?type`")
            }
            TokenKind::Question if expected.has(Expected::TYPE) => {
                Some("before the `?` stands a bit of a flags word: `flags.0?type`")
            }
            _ if expected.has(Expected::TYPE) && before == Some(TokenKind::Question) => Some(
                "an argument is optional by a bit of a flags word: `flags:# name:flags.0?type`",
            ),
            TokenKind::Dot | TokenKind::Question if in_arguments => {
                Some("a condition stands behind the name of its argument: `name:flags.0?type`")
            }
            TokenKind::OpenBrace if in_arguments => {
                Some("implicit arguments stand outside of repetitions")
            }
            TokenKind::OpenBracket if expected.has(Expected::TYPE) => {
                Some("a repetition is an argument of its own, not part of a type")
            }
            TokenKind::Underscore if expected.has(Expected::ARGUMENT_NAME) => {
                Some("an implicit argument is there to be referred to, it can't be anonymous")
            }
            CloseAngle | CloseParen | CloseBracket | CloseBrace
                if expected.has(Expected::token(Equals)) =>
            {
                Some("no bracket is open here: leave it out")
            }
            Colon if expected.has(Expected::token(Equals)) && self.is_behind_section_word() => {
                Some("sections begin with `---types---` and `---functions---`")
            }
            Colon if expected.has(Expected::token(TokenKind::Semicolon)) => Some(
                "arguments stand before the `=`; what joins the name of one and its type is a `:`",
            ),
            Equals if expected.has(Expected::token(TokenKind::Semicolon)) => {
                Some("a definition has one `=`; is there a `;` missing before this?")
            }
            _ if expected.has(Expected::token(TokenKind::OpenBracket)) => {
                Some("`*` stands between a count and what it repeats: `n*[ int ]`")
            }
            _ => None,
        }
    }

    /// A bracket that waits to be closed where the definition, or another argument, goes on.
    fn advice_on_brackets(&self, opened: usize) -> Option<String> {
        use TokenKind::{
            Arrow, CloseAngle, CloseBrace, CloseBracket, CloseParen, Colon, End, Equals, Semicolon,
        };
        let opening = self.list.word(opened);
        match self.kind() {
            Equals | Arrow | Semicolon | End => Some(format!("close the `{opening}` before this")),
            Colon => Some(format!(
                "`{}:` begins another argument: close the `{opening}` before it",
                excerpt(self.before()?)
            )),
            CloseAngle | CloseParen | CloseBracket | CloseBrace => Some(format!(
                "the `{opening}` was opened last, and has to be closed first"
            )),
            _ => None,
        }
    }

    fn is_behind_section_word(&self) -> bool {
        matches!(self.before(), Some("types" | "functions"))
    }

    fn too_deep(&self) -> Diagnostic {
        let message = format!("nested more than {MAX_NESTING} levels deep");
        Diagnostic::new(Code::NestingTooDeep, self.span(), message)
            .label("one level too many")
            .help("give the inner part a type of its own")
    }

    fn too_large(&self) -> Diagnostic {
        let message = format!(
            "the number {} does not fit in 32 bits",
            excerpt(self.word())
        );
        Diagnostic::new(Code::NumberTooLarge, self.span(), message)
            .label(format!("the largest is {}", u32::MAX))
    }

    fn unknown_section(&self) -> Diagnostic {
        let message = format!("unknown section `{}`", excerpt(self.word()));
        let unknown = Diagnostic::new(Code::UnknownSection, self.span(), message)
            .label("expected `types` or `functions`");
        match nearest(self.word(), ["types", "functions"].into_iter()) {
            Some(near) => unknown
                .help(format!("did you mean `---{near}---`?"))
                .fix(self.span(), near),
            None => unknown.help(
                "constructors stand behind `---types---`, functions behind `---functions---`",
            ),
        }
    }

    fn upper_case_name(&self) -> Diagnostic {
        let word = self.word();
        let base = word.rfind('.').map_or(0, |dot| dot + 1);
        let (namespace, name) = word.split_at(base);
        let lower = name.get(..1).unwrap_or_default().to_ascii_lowercase()
            + name.get(1..).unwrap_or_default();
        let message = format!(
            "the name of a definition begins with a lower-case letter, found `{}`",
            excerpt(word)
        );
        Diagnostic::new(Code::UnexpectedToken, self.span(), message)
            .label("upper-case names are types")
            .help(format!("write `{namespace}{lower}`"))
    }

    fn namespaced_argument(&self) -> Diagnostic {
        let message = format!(
            "an argument's name has no namespace, found `{}`",
            excerpt(self.word())
        );
        Diagnostic::new(Code::UnexpectedToken, self.span(), message)
            .label("expected an argument's name")
            .help("use `_` for the dot")
    }

    fn kind(&self) -> TokenKind {
        self.list.kind(self.at)
    }

    fn word(&self) -> &str {
        self.list.word(self.at)
    }

    fn before(&self) -> Option<&str> {
        self.at.checked_sub(1).map(|before| self.list.word(before))
    }

    /// The end of the file is best shown behind the last thing in it.
    fn span(&self) -> Span {
        match (self.kind(), self.at.checked_sub(1)) {
            (TokenKind::End, Some(before)) => self.list.span(before).after(),
            _ => self.list.span(self.at),
        }
    }
}
