//! Partial applications: their names are all there is of them, in canonical text, which has no brackets.

use std::collections::HashSet;

use super::super::decode::malformed;
use super::super::{Malformed, TloError};
use super::{Names, bad_name};
use crate::format::name::{is_combinator_name, is_type_name};

/// How deep types may nest in a name; a text may go no deeper.
const MAX_DEPTH: u32 = 64;

/// `pair Vector int` as `pair Vector<int>;`. How many words belong to an argument is seen from what each takes.
/// The types that constructors' names stand for go to `named`.
pub(super) fn print(
    names: &Names<'_>,
    name: &str,
    offset: usize,
    named: &mut HashSet<usize>,
) -> Result<String, TloError> {
    let mut words = name.split(' ');
    let head = words.next().unwrap_or_default();
    if !is_type_name(head) && !is_combinator_name(head) {
        return Err(bad_name(offset, name));
    }
    let mut printer = Printer {
        names,
        name,
        offset,
        words,
        named,
        text: head.to_owned(),
    };
    while let Some(word) = printer.words.next() {
        printer.text.push(' ');
        printer.term(word, MAX_DEPTH)?;
    }
    printer.text.push_str(";\n");
    Ok(printer.text)
}

struct Printer<'p, 'b> {
    names: &'p Names<'b>,
    name: &'p str,
    offset: usize,
    words: std::str::Split<'p, char>,
    named: &'p mut HashSet<usize>,
    text: String,
}

impl Printer<'_, '_> {
    fn term(&mut self, word: &str, depth: u32) -> Result<(), TloError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| malformed(self.offset, Malformed::TooDeep))?;
        self.text.push_str(word);
        let ty = word.strip_prefix('%').unwrap_or(word);
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty();
        if is_number || ty == "#" {
            return Ok(());
        }
        let is_name = is_type_name(ty) || is_combinator_name(ty);
        let applied = self.names.applied.get(ty).filter(|_| is_name);
        let (arity, of) = *applied.ok_or_else(|| bad_name(self.offset, self.name))?;
        self.named.extend(of);
        for index in 0..arity {
            self.text.push(if index == 0 { '<' } else { ',' });
            let word = self.words.next();
            self.term(word.ok_or_else(|| bad_name(self.offset, self.name))?, depth)?;
        }
        self.text.push_str(if arity == 0 { "" } else { ">" });
        Ok(())
    }
}
