//! Tokens as the printer wants them: operators whole, groups nested; and where statements, arms and items end.

use proc_macro2::{Spacing, TokenStream, TokenTree};

/// A pair of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delimiter {
    Parenthesis,
    Brace,
    Bracket,
}

/// A word, an operator, a literal; or a group of them in brackets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Word(String),
    Group(Delimiter, Vec<Tree>),
}

impl Tree {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    pub(super) fn is_group(&self, delimiter: Delimiter) -> bool {
        matches!(self, Self::Group(own, _) if *own == delimiter)
    }
}

/// The body of a closure, and its parameters with their bars; nothing for what is none.
pub(super) fn closure(trees: &[Tree]) -> Option<(&[Tree], &[Tree])> {
    let start = usize::from(trees.first()?.is_word("&"));
    if !trees.get(start)?.is_word("|") {
        return None;
    }
    let params = trees[start + 1..]
        .iter()
        .position(|tree| tree.is_word("|"))?;
    let (before, body) = trees.split_at(start + 1 + params + 1);
    Some((body, before))
}

/// The value of `let name = value` or `let name: Type = value`, where it is a call.
pub(super) fn assigned(trees: &[Tree]) -> Option<&[Tree]> {
    let equals = trees.iter().position(|tree| tree.is_word("="))?;
    let value = &trees[equals + 1..];
    let is_call = value
        .iter()
        .any(|tree| tree.is_group(Delimiter::Parenthesis));
    let is_typed = equals == 2 || trees.get(2).is_some_and(|colon| colon.is_word(":"));
    (trees.first()?.is_word("let") && is_typed && is_call).then_some(value)
}

/// The type of a parameter `name: Type`, where it has arguments.
pub(super) fn declared(trees: &[Tree]) -> Option<&[Tree]> {
    let [Tree::Word(_), colon, ty @ ..] = trees else {
        return None;
    };
    let is_generic = ty.last().is_some_and(|last| last.is_word(">"));
    (colon.is_word(":") && is_generic).then_some(ty)
}

/// Operators of more than one character; `>>` is none, for it closes generics.
const OPERATORS: &[&str] = &["::", "->", "=>", "!=", "==", ">=", "&&", "|=", "<<", ".."];

/// Trees of a token stream.
pub(super) fn from_tokens(tokens: TokenStream) -> Vec<Tree> {
    let mut trees: Vec<Tree> = Vec::new();
    let mut joint = false;
    for token in tokens {
        let was_joint = std::mem::take(&mut joint);
        match token {
            TokenTree::Group(group) => {
                let inner = from_tokens(group.stream());
                match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => {
                        trees.push(Tree::Group(Delimiter::Parenthesis, inner))
                    }
                    proc_macro2::Delimiter::Brace => {
                        trees.push(Tree::Group(Delimiter::Brace, inner))
                    }
                    proc_macro2::Delimiter::Bracket => {
                        trees.push(Tree::Group(Delimiter::Bracket, inner))
                    }
                    proc_macro2::Delimiter::None => trees.extend(inner),
                }
            }
            TokenTree::Punct(punct) => {
                joint = punct.spacing() == Spacing::Joint;
                match trees.last_mut() {
                    Some(Tree::Word(last)) if was_joint && is_operator(last, punct.as_char()) => {
                        last.push(punct.as_char());
                    }
                    _ => trees.push(Tree::Word(punct.as_char().to_string())),
                }
            }
            TokenTree::Ident(ident) => match trees.last_mut() {
                Some(Tree::Word(last)) if was_joint && last == "'" => {
                    last.push_str(&ident.to_string())
                }
                _ => trees.push(Tree::Word(ident.to_string())),
            },
            TokenTree::Literal(literal) => trees.push(Tree::Word(literal.to_string())),
        }
    }
    trees
}

fn is_operator(first: &str, second: char) -> bool {
    OPERATORS.iter().any(|operator| {
        operator
            .strip_prefix(first)
            .is_some_and(|rest| rest.chars().eq([second]))
    })
}

/// The text of a string literal.
pub(super) fn string_value(literal: &str) -> String {
    let inner = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(literal);
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(character) = chars.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match chars.next() {
            Some('n' | 'r' | 't') => text.push(' '),
            Some('u') => {
                let digits: String = chars
                    .by_ref()
                    .skip(1)
                    .take_while(|&digit| digit != '}')
                    .collect();
                text.extend(
                    u32::from_str_radix(&digits, 16)
                        .ok()
                        .and_then(char::from_u32),
                );
            }
            Some(escaped) => text.push(escaped),
            None => {}
        }
    }
    text
}

/// Where the first item ends: behind its `;`, or behind its last brace.
pub(super) fn item_end(trees: &[Tree]) -> usize {
    let end = trees
        .iter()
        .position(|tree| tree.is_word(";") || tree.is_group(Delimiter::Brace));
    end.map_or(trees.len(), |end| end + 1)
}

/// Statements of a block; the last one may be its value.
pub(super) fn statements(trees: &[Tree]) -> Vec<&[Tree]> {
    let mut statements = Vec::new();
    let mut start = 0;
    for (at, tree) in trees.iter().enumerate() {
        let is_block = || {
            ["if", "match", "for"]
                .iter()
                .any(|word| trees[start].is_word(word))
        };
        let goes_on = || trees.get(at + 1).is_some_and(|next| next.is_word("else"));
        if tree.is_word(";") || tree.is_group(Delimiter::Brace) && is_block() && !goes_on() {
            statements.push(&trees[start..=at]);
            start = at + 1;
        }
    }
    if start < trees.len() {
        statements.push(&trees[start..]);
    }
    statements
}

/// Match arms as patterns and values.
pub(super) fn arms(trees: &[Tree]) -> Vec<(&[Tree], &[Tree])> {
    let mut arms = Vec::new();
    let mut rest = trees;
    while let Some(arrow) = rest.iter().position(|tree| tree.is_word("=>")) {
        let (pattern, value) = (&rest[..arrow], &rest[arrow + 1..]);
        let end = match value.first() {
            Some(tree) if tree.is_group(Delimiter::Brace) => 1,
            _ => value
                .iter()
                .position(|tree| tree.is_word(","))
                .unwrap_or(value.len()),
        };
        arms.push((pattern, &value[..end]));
        rest = &value[end..];
        if let [Tree::Word(comma), after @ ..] = rest
            && comma == ","
        {
            rest = after;
        }
    }
    arms
}

/// The parts between commas that stand outside generics and a closure's parameters.
pub(super) fn comma_separated(trees: &[Tree]) -> Vec<&[Tree]> {
    let (mut parts, mut start, mut angles, mut in_closure) = (Vec::new(), 0, 0_usize, false);
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            Tree::Word(word) if word == "<" => angles += 1,
            Tree::Word(word) if word == ">" => angles = angles.saturating_sub(1),
            Tree::Word(word) if word == "|" => in_closure = !in_closure,
            Tree::Word(word) if word == "," && angles == 0 && !in_closure => {
                parts.push(&trees[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < trees.len() {
        parts.push(&trees[start..]);
    }
    parts
}

/// Where the generics behind a leading `impl` end.
pub(super) fn generics_end(trees: &[Tree]) -> Option<usize> {
    let mut angles = 0_usize;
    for (at, tree) in trees.iter().enumerate().skip(1) {
        match tree {
            Tree::Word(word) if word == "<" => angles += 1,
            Tree::Word(word) if word == ">" && angles == 1 => return Some(at + 1),
            Tree::Word(word) if word == ">" => angles -= 1,
            _ if angles == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Whether an expression ends with a call.
pub(super) fn is_call(trees: &[Tree]) -> bool {
    matches!(trees.last(), Some(Tree::Group(Delimiter::Parenthesis, _)))
}
