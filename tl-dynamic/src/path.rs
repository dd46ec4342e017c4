//! The way to a place in a value, as errors learn it on their way out.

use std::fmt;

/// The way from the outermost value to a place in it: `messages.messages > messages[3] > message > from_id`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Innermost first, as errors find them on their way out.
    steps: Vec<Step>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Into a value of a constructor or function.
    Combinator(String),
    /// Into one of its fields.
    Field(String),
    /// Into an item of a vector or repetition, counted from 0.
    Item(usize),
}

impl Path {
    /// The steps, outermost first.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().rev()
    }

    /// Whether it leads nowhere: the outermost value itself is meant.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The fields alone, as in `messages[3].from_id`.
    pub fn fields(&self) -> impl fmt::Display {
        fmt::from_fn(|f| {
            let mut is_first = true;
            for step in self.steps() {
                match step {
                    Step::Combinator(_) => {}
                    Step::Field(name) if is_first => f.write_str(name)?,
                    Step::Field(name) => write!(f, ".{name}")?,
                    Step::Item(index) => write!(f, "[{index}]")?,
                }
                is_first &= matches!(step, Step::Combinator(_));
            }
            if is_first {
                f.write_str("the top")
            } else {
                Ok(())
            }
        })
    }

    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut is_first = true;
        for step in self.steps() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Combinator(name) | Step::Field(name) if is_first => f.write_str(name)?,
                Step::Combinator(name) | Step::Field(name) => write!(f, " > {name}")?,
            }
            is_first = false;
        }
        Ok(())
    }
}

/// An error on its way out, which learns the way it has come.
pub(crate) trait Traced: Sized {
    fn path(&mut self) -> &mut Path;

    fn within(mut self, step: Step) -> Self {
        self.path().push(step);
        self
    }
}

/// Adds steps to the path of an error.
pub(crate) trait InPlace<T> {
    fn in_field(self, combinator: &str, field: &str) -> Self;
    fn in_item(self, index: usize) -> Self;
}

impl<T, E: Traced> InPlace<T> for Result<T, E> {
    #[inline]
    fn in_field(self, combinator: &str, field: &str) -> Self {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(step_into_field(error, combinator, field)),
        }
    }

    #[inline]
    fn in_item(self, index: usize) -> Self {
        self.map_err(|error| error.within(Step::Item(index)))
    }
}

#[cold]
fn step_into_field<E: Traced>(error: E, combinator: &str, field: &str) -> E {
    let error = error.within(Step::Field(field.to_owned()));
    // An item of a repetition has no name worth a step.
    if combinator == REPEATED {
        error
    } else {
        error.within(Step::Combinator(combinator.to_owned()))
    }
}

/// The name of what has no combinator: an item of a repetition. No TL name has a blank.
pub(crate) const REPEATED: &str = "items of a repetition";
