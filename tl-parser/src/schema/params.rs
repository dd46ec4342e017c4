//! The arguments of combinators: all of a schema in one piece of memory.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::Param;

/// The arguments of one combinator, to be used as a slice. A clone shares them.
#[derive(Clone, Default)]
pub struct Params {
    all: Option<Arc<Vec<Param>>>,
    start: u32,
    end: u32,
}

impl Params {
    /// Some of the arguments of a schema.
    pub(super) fn of(all: &Arc<Vec<Param>>, own: Range<u32>) -> Self {
        Self {
            all: Some(Arc::clone(all)),
            start: own.start,
            end: own.end,
        }
    }
}

impl From<Vec<Param>> for Params {
    fn from(params: Vec<Param>) -> Self {
        let end = params.len() as u32;
        Self::of(&Arc::new(params), 0..end)
    }
}

impl Deref for Params {
    type Target = [Param];

    #[inline]
    fn deref(&self) -> &[Param] {
        let all = self.all.as_deref();
        all.and_then(|all| all.get(self.start as usize..self.end as usize))
            .unwrap_or_default()
    }
}

impl<'p> IntoIterator for &'p Params {
    type Item = &'p Param;
    type IntoIter = std::slice::Iter<'p, Param>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Params {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
