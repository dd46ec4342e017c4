//! What types are applied to.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Term;

/// What a type or a constructor is applied to, to be used as a slice. It takes one word, for schemas have thousands of them,
/// and nearly all are empty; a clone shares them.
#[derive(Clone, Default, PartialEq)]
pub struct Args(Option<Arc<Vec<Term>>>);

impl Args {
    /// No arguments.
    pub const fn new() -> Self {
        Self(None)
    }
}

impl From<Vec<Term>> for Args {
    #[inline]
    fn from(args: Vec<Term>) -> Self {
        Self((!args.is_empty()).then(|| Arc::new(args)))
    }
}

impl FromIterator<Term> for Args {
    fn from_iter<I: IntoIterator<Item = Term>>(args: I) -> Self {
        args.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for Args {
    type Target = [Term];

    #[inline]
    fn deref(&self) -> &[Term] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<'a> IntoIterator for &'a Args {
    type Item = &'a Term;
    type IntoIter = std::slice::Iter<'a, Term>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
