//! One line of code: where blanks go between tokens.

use super::CALL_WIDTH;
use super::tree::{Delimiter, Tree};

/// The tokens on one line.
pub(super) fn flat(trees: &[Tree]) -> String {
    let mut text = String::new();
    write(trees, &mut text);
    text
}

/// The tokens before a call's or array's bracket.
pub(super) fn flat_before_group(trees: &[Tree]) -> String {
    let mut text = flat(trees);
    if trees
        .last()
        .is_some_and(|last| matches!(last, Tree::Word(word) if word == "="))
    {
        text.push(' ');
    }
    text
}

/// Whether rustfmt would leave every call's arguments on the line.
pub(super) fn calls_are_short(trees: &[Tree]) -> bool {
    trees.iter().all(|tree| match tree {
        Tree::Group(Delimiter::Parenthesis, inner) => {
            (flat(inner).len() <= CALL_WIDTH || inner.len() == 1) && calls_are_short(inner)
        }
        Tree::Group(_, inner) => calls_are_short(inner),
        Tree::Word(_) => true,
    })
}

fn write(trees: &[Tree], text: &mut String) {
    let mut state = Spacing::default();
    for (at, tree) in trees.iter().enumerate() {
        let previous = at.checked_sub(1).map(|before| &trees[before]);
        if previous.is_some_and(|previous| state.needs_space(previous, tree)) {
            text.push(' ');
        }
        state.advance(trees, at);
        match tree {
            Tree::Word(word) => text.push_str(word),
            Tree::Group(Delimiter::Parenthesis, inner) => surround("(", inner, ")", text),
            Tree::Group(Delimiter::Bracket, inner) => surround("[", inner, "]", text),
            Tree::Group(Delimiter::Brace, inner) if inner.is_empty() => text.push_str("{}"),
            Tree::Group(Delimiter::Brace, inner) => surround("{ ", inner, " }", text),
        }
    }
}

fn surround(open: &str, inner: &[Tree], close: &str, text: &mut String) {
    text.push_str(open);
    write(inner, text);
    text.push_str(close);
}

/// What of the tokens before decides on blanks.
#[derive(Default)]
struct Spacing {
    /// How many `<` are open behind `impl`, while its generics last.
    impl_generics: Option<usize>,
    /// Whether the lifetimes behind `for` are open.
    in_binder: bool,
    /// Whether the generics behind `impl`, or the lifetimes behind `for`, have just closed.
    closed_binder: bool,
    /// Whether the last word was an operator with an operand before it.
    is_binary: bool,
    /// Whether a closure's parameters are open.
    in_closure: bool,
}

impl Spacing {
    fn advance(&mut self, trees: &[Tree], at: usize) {
        self.closed_binder = false;
        let Tree::Word(word) = &trees[at] else {
            self.is_binary = false;
            return;
        };
        let follows_operand = at
            .checked_sub(1)
            .is_some_and(|before| is_operand(&trees[before]));
        let ends_closure = word == "|" && self.in_closure;
        self.is_binary =
            follows_operand && !ends_closure && matches!(word.as_str(), "&" | "*" | "|");
        match word.as_str() {
            "for" => self.in_binder = trees.get(at + 1).is_some_and(|next| next.is_word("<")),
            ">" if self.in_binder => {
                self.in_binder = false;
                self.closed_binder = true;
            }
            _ => {}
        }
        match (word.as_str(), &mut self.impl_generics) {
            ("impl", depth) => *depth = Some(0),
            ("<", Some(depth)) => *depth += 1,
            (">", depth @ Some(1)) => {
                *depth = None;
                self.closed_binder = true;
            }
            (">", Some(depth)) => *depth -= 1,
            ("<", None) => {}
            (_, depth @ Some(0)) => *depth = None,
            _ => {}
        }
        if word == "|" && !self.is_binary {
            self.in_closure = !self.in_closure;
        }
    }

    fn needs_space(&self, previous: &Tree, next: &Tree) -> bool {
        if self.closed_binder {
            return true;
        }
        match (previous, next) {
            (_, Tree::Word(next)) if matches!(next.as_str(), "," | ";" | ":" | "." | "?" | ">") => {
                false
            }
            (Tree::Word(previous), _)
                if matches!(previous.as_str(), "::" | "." | "<" | "!" | "#") =>
            {
                false
            }
            (Tree::Word(previous), _) if matches!(previous.as_str(), "&" | "*") => self.is_binary,
            (Tree::Word(previous), next) if previous == "|" && !self.is_binary => {
                !self.in_closure && !next.is_word("|")
            }
            (_, Tree::Word(next)) if next == "|" && self.in_closure => false,
            (Tree::Word(previous), Tree::Word(next)) if next == "::" => !is_path_end(previous),
            (Tree::Word(_) | Tree::Group(..), Tree::Word(next)) if next == "<" => false,
            (Tree::Word(previous), Tree::Group(Delimiter::Parenthesis, _)) => !is_callee(previous),
            (Tree::Word(previous), Tree::Group(Delimiter::Bracket, _)) => !is_callee(previous),
            _ => true,
        }
    }
}

fn is_operand(tree: &Tree) -> bool {
    match tree {
        Tree::Group(..) => true,
        Tree::Word(word) => is_callee(word),
    }
}

/// Whether a word can be called or indexed: a name, or the end of its generics.
fn is_callee(word: &str) -> bool {
    !is_keyword(word)
        && (word == ">" || word.starts_with(|first: char| first.is_alphanumeric() || first == '_'))
}

fn is_path_end(word: &str) -> bool {
    is_callee(word) || matches!(word, "crate" | "self" | "super" | "Self")
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "const"
            | "dyn"
            | "else"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "match"
            | "mod"
            | "mut"
            | "pub"
            | "return"
            | "static"
            | "use"
            | "where"
    )
}
