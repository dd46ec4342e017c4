//! The marks between declarations: `---types---`, `---functions---`, `===17===`.

use nom::Parser;
use nom::sequence::delimited;

use super::error::{Expected, Problem};
use super::{Parse, Tokens, failure, token, ty, unexpected};
use crate::syntax::ast::{Item, Layer, Nat, Section, SectionKind};
use crate::syntax::lexer::TokenKind;

/// `"---" "functions" "---"` and `"---" "types" "---"` of *TL-program*.
pub(super) fn section<'t, 's>(
    input: Tokens<'t, 's>,
    items: &mut Vec<Item<'s>>,
) -> Parse<'t, 's, ()> {
    let mark = || token(TokenKind::TripleMinus);
    let (rest, word) = delimited(mark(), section_word, mark()).parse(input)?;
    let kind = match word.word() {
        "types" => SectionKind::Types,
        "functions" => SectionKind::Functions,
        _ => return Err(failure(word, Problem::UnknownSection)),
    };
    items.push(Item::Section(Section {
        kind,
        span: rest.since(input),
    }));
    Ok((rest, ()))
}

/// Which words there are is looked at when the mark is known to be whole.
fn section_word<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Tokens<'t, 's>> {
    match input.kind() {
        kind if kind.is_word() => Ok((input.next(), input)),
        _ => Err(unexpected(input, Expected::SECTION)),
    }
}

/// `"===" nat-const "==="`, not in TL-formal: how the end-to-end schema marks its layers.
pub(super) fn layer<'t, 's>(input: Tokens<'t, 's>, items: &mut Vec<Item<'s>>) -> Parse<'t, 's, ()> {
    let mark = || token(TokenKind::TripleEquals);
    let (rest, number) = delimited(mark(), layer_number, mark()).parse(input)?;
    items.push(Item::Layer(Layer {
        number: number.value,
        span: rest.since(input),
    }));
    Ok((rest, ()))
}

fn layer_number<'t, 's>(input: Tokens<'t, 's>) -> Parse<'t, 's, Nat> {
    match input.kind() {
        TokenKind::Nat => ty::nat(input),
        _ => Err(unexpected(input, Expected::LAYER)),
    }
}
