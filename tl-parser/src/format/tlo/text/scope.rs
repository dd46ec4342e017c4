//! The variables of one definition, by the numbers TLO calls them by.

use std::collections::HashMap;

use super::super::Malformed;

/// The variables in sight. Every step takes constant time, however many there are.
#[derive(Default)]
pub(super) struct Scope<'b> {
    vars: Vec<(u32, &'b str)>,
    /// Places in `vars`; the last is the one in sight.
    by_number: HashMap<u32, Vec<usize>>,
    by_name: HashMap<&'b str, Vec<usize>>,
    nats: Vec<usize>,
}

impl<'b> Scope<'b> {
    pub(super) fn declare(&mut self, number: u32, name: &'b str, is_nat: bool) {
        let place = self.vars.len();
        self.vars.push((number, name));
        self.by_number.entry(number).or_default().push(place);
        self.by_name.entry(name).or_default().push(place);
        if is_nat {
            self.nats.push(place);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.vars.len()
    }

    /// Forgets all variables but the first `outside`.
    pub(super) fn leave(&mut self, outside: usize) {
        for (number, name) in self.vars.drain(outside..).rev() {
            self.by_number.get_mut(&number).map(Vec::pop);
            self.by_name.get_mut(name).map(Vec::pop);
        }
        self.nats
            .truncate(self.nats.partition_point(|&place| place < outside));
    }

    /// The number that counts a repetition without a count.
    pub(super) fn last_nat(&self) -> Option<u32> {
        self.nats.last().map(|&place| self.vars[place].0)
    }

    /// The name that means this variable here.
    pub(super) fn name(&self, number: u32) -> Result<&'b str, Malformed> {
        let last = |places: Option<&Vec<usize>>| places.and_then(|places| places.last().copied());
        let place = last(self.by_number.get(&number)).ok_or(Malformed::UnknownVariable(number))?;
        match self.vars[place].1 {
            "" | "_" => Err(Malformed::UnnamedVariable(number)),
            name if last(self.by_name.get(name)) == Some(place) => Ok(name),
            _ => Err(Malformed::UnnamedVariable(number)),
        }
    }
}
