//! What the variables of one value stand for, and how the arguments of its type bind them.
//!
//! A type argument is not copied: it stays a text, with the frame of the place that states it. Frames live on the stack, so
//! arguments only ever point outwards.

use alloc::vec::Vec;

use super::lookup::split;
use crate::wire::definitions::{Condition, Definition, Definitions, applied};

/// The variables of one value, those that hide others last.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame<'f> {
    vars: Vec<(&'static str, Var<'f>)>,
}

#[derive(Clone, Copy, Debug)]
enum Var<'f> {
    Nat(u32),
    Type(Closed<'f>),
}

/// A form with the frame that its variables are to be looked up in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closed<'f> {
    pub form: &'static str,
    pub frame: &'f Frame<'f>,
}

impl<'f> Frame<'f> {
    /// The frame of a value of a constructor where its type stands with `args`; none if it is no constructor of that type.
    pub(super) fn bound(
        definition: &Definition,
        args: &'static str,
        outer: &'f Frame<'f>,
    ) -> Option<Self> {
        let mut frame = Self::default();
        let (mut patterns, mut args) = (split(definition.patterns, ','), split(args, ','));
        loop {
            let (pattern, arg) = match (patterns.next(), args.next()) {
                (Some(pattern), Some(arg)) => (pattern, arg),
                (None, None) => return Some(frame),
                _ => return None,
            };
            match pattern.strip_prefix('$') {
                Some(name) => frame.vars.push((name, Var::Type(outer.closed(arg)))),
                None => frame.bind_nat(pattern, outer.number(arg)?)?,
            }
        }
    }

    /// The constructor of a bare value of a type, and its frame: the only one that the arguments let stand.
    pub(super) fn of_bare_type(
        definitions: &Definitions,
        form: &'static str,
        outer: &'f Frame<'f>,
    ) -> Option<(Definition, Self)> {
        let (ty, args) = applied(form);
        let mut fitting = definitions
            .of_type(ty)
            .filter_map(|own| Some((own, Self::bound(&own, args, outer)?)));
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }

    fn bind_nat(&mut self, pattern: &'static str, number: u32) -> Option<()> {
        let (name, plus) = sum(pattern)?;
        let rest = number.checked_sub(plus)?;
        if name.is_empty() {
            return (rest == 0).then_some(());
        }
        match self.var(name) {
            Some(Var::Nat(bound)) => (bound == rest).then_some(()),
            _ => {
                self.set(name, rest);
                Some(())
            }
        }
    }

    pub(super) fn set(&mut self, name: &'static str, number: u32) {
        self.vars.push((name, Var::Nat(number)));
    }

    /// How much of it there is, to come [back](Self::reset) to.
    pub(super) fn mark(&self) -> usize {
        self.vars.len()
    }

    pub(super) fn reset(&mut self, mark: usize) {
        self.vars.truncate(mark);
    }

    fn var(&self, name: &str) -> Option<Var<'f>> {
        self.vars.iter().rfind(|var| var.0 == name).map(|var| var.1)
    }

    fn nat(&self, name: &str) -> u32 {
        match self.var(name) {
            Some(Var::Nat(number)) => number,
            _ => 0,
        }
    }

    /// `n`, `n+1` or `1`; none if it does not fit into 32 bits.
    pub(super) fn number(&self, text: &str) -> Option<u32> {
        let (name, plus) = sum(text)?;
        self.nat(name).checked_add(plus)
    }

    pub(super) fn holds(&self, condition: Condition) -> bool {
        let number = self.nat(condition.word);
        match condition.bit {
            Some(bit) => number >> (bit & 31) & 1 != 0,
            None => number != 0,
        }
    }

    /// A form that is no variable, unless nothing binds it.
    fn closed(&'f self, form: &'static str) -> Closed<'f> {
        let bound = form.strip_prefix('$').and_then(|name| self.var(name));
        match bound {
            Some(Var::Type(closed)) => closed,
            _ => Closed { form, frame: self },
        }
    }

    /// What a variable stands for.
    pub(super) fn ty(&self, name: &str) -> Option<Closed<'f>> {
        match self.var(name)? {
            Var::Type(closed) => Some(closed),
            Var::Nat(_) => None,
        }
    }
}

/// `n+1` to `n` and 1, `1` to nothing and 1.
fn sum(text: &str) -> Option<(&str, u32)> {
    let (mut name, mut plus) = (text, 0_u32);
    while let Some((rest, number)) = name.rsplit_once('+') {
        name = rest;
        plus = plus.checked_add(number.parse().ok()?)?;
    }
    match name.parse::<u32>() {
        Ok(number) => Some(("", plus.checked_add(number)?)),
        Err(_) => Some((name, plus)),
    }
}
