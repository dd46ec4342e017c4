//! What TLO does not say of a definition's text, its id does: it was computed from the text. So spellings are tried until one
//! has the id.

use super::super::TloError;
use super::super::decode::Combinator;
use super::Names;
use super::print::{Line, print};
use crate::schema::Dialect;
use crate::schema::id::computed_id;
use crate::span::FileId;
use crate::syntax::ast::Item;
use crate::syntax::parse;

/// Something that can be spelled in two ways. The first is taken unless the id speaks for the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// `foo` or `%Foo`
    BareType,
    /// `[ t ]` or `n*[ t ]`
    Count,
    /// `T` or `_:T`
    Anonymous,
    /// `0` and `n+1`, or `O` and `S n`
    Successor,
}

const DOUBTS: [Doubt; 4] = [
    Doubt::BareType,
    Doubt::Count,
    Doubt::Anonymous,
    Doubt::Successor,
];

/// With more doubts than these in one definition, not all ways to decide them are tried.
const MAX_FREE_DOUBTS: usize = 10;

/// How many bytes of text are tried out in one file. Real schemas need a thousandth of it.
pub(super) const MAX_TRIAL_BYTES: usize = 1 << 25;

/// The definition in the spelling that has its id; where none has, in the preferred one.
pub(super) fn find<'b>(
    names: &Names<'b>,
    combinator: &Combinator<'b>,
    is_function: bool,
    trials: &mut usize,
) -> Result<Line, TloError> {
    let first = print(names, combinator, is_function, &[])?;
    let doubts = &first.doubts;
    if doubts.is_empty() || gives_id(&first.text, combinator.id) {
        return Ok(first);
    }
    let all_choices = uniform_choices(doubts)
        .chain(free_choices(doubts.len()))
        .chain(near_uniform_choices(doubts.len()));
    for choices in all_choices {
        let Some(left) = trials.checked_sub(first.text.len()) else {
            break;
        };
        *trials = left;
        let line = print(names, combinator, is_function, &choices)?;
        if gives_id(&line.text, combinator.id) {
            return Ok(line);
        }
    }
    Ok(first)
}

/// All doubts of a kind decided in the same way.
fn uniform_choices(doubts: &[Doubt]) -> impl Iterator<Item = Vec<bool>> {
    (1..1_usize << DOUBTS.len()).map(|bits| {
        let is_second = |doubt: &Doubt| {
            DOUBTS
                .iter()
                .position(|kind| kind == doubt)
                .is_some_and(|kind| bits >> kind & 1 != 0)
        };
        doubts.iter().map(is_second).collect()
    })
}

/// Every doubt decided on its own.
fn free_choices(count: usize) -> impl Iterator<Item = Vec<bool>> {
    let all = if count <= MAX_FREE_DOUBTS {
        1_usize << count
    } else {
        0
    };
    (1..all).map(move |bits| (0..count).map(|place| bits >> place & 1 != 0).collect())
}

/// All doubts decided in the same way but for one or two.
fn near_uniform_choices(count: usize) -> impl Iterator<Item = Vec<bool>> {
    let pairs = (0..count).flat_map(|first| (0..=first).map(move |second| (first, second)));
    pairs.flat_map(move |(first, second)| {
        [false, true].map(|most| {
            (0..count)
                .map(|place| most ^ (place == first || place == second))
                .collect()
        })
    })
}

/// Whether a definition's id is computed from this text by either rule.
fn gives_id(text: &str, id: u32) -> bool {
    let parsed = parse(FileId::default(), text);
    let is_it = |dialect| match &parsed.file.items[..] {
        [Item::Combinator(combinator)] => computed_id(combinator, dialect) == id,
        _ => false,
    };
    is_it(Dialect::Raw) || is_it(Dialect::Telegram)
}
