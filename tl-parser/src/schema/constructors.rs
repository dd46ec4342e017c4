//! The constructors of a type, as schemas have a thousand types and few of these have many.

use std::fmt;
use std::ops::Deref;

use super::CombinatorId;

/// The constructors of a type, to be used as a slice. Up to five of them take no allocation.
#[derive(Clone)]
pub struct Constructors(Repr);

#[derive(Clone)]
enum Repr {
    /// Those behind the count mean nothing.
    Few(u8, [CombinatorId; FEW]),
    Many(Vec<CombinatorId>),
}

const FEW: usize = 5;

impl Constructors {
    #[inline]
    pub(super) fn push(&mut self, id: CombinatorId) {
        match &mut self.0 {
            Repr::Few(count, ids) => match ids.get_mut(usize::from(*count)) {
                Some(place) => {
                    *place = id;
                    *count += 1;
                }
                None => {
                    let mut many = Vec::with_capacity(4 * FEW);
                    many.extend_from_slice(ids);
                    many.push(id);
                    self.0 = Repr::Many(many);
                }
            },
            Repr::Many(ids) => ids.push(id),
        }
    }
}

impl Default for Constructors {
    #[inline]
    fn default() -> Self {
        Self(Repr::Few(0, [CombinatorId(0); FEW]))
    }
}

impl Deref for Constructors {
    type Target = [CombinatorId];

    #[inline]
    fn deref(&self) -> &[CombinatorId] {
        match &self.0 {
            Repr::Few(count, ids) => &ids[..usize::from(*count)],
            Repr::Many(ids) => ids,
        }
    }
}

impl<'c> IntoIterator for &'c Constructors {
    type Item = &'c CombinatorId;
    type IntoIter = std::slice::Iter<'c, CombinatorId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Constructors {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Constructors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_them_is_kept_in_order() {
        let mut constructors = Constructors::default();
        let all: Vec<_> = (0..50).map(CombinatorId).collect();
        for (at, &id) in all.iter().enumerate() {
            assert_eq!(constructors[..], all[..at]);
            constructors.push(id);
        }
        assert_eq!(constructors[..], all);
    }
}
