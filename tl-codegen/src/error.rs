//! Why nothing was generated.

use std::fmt;
use std::path::PathBuf;

use tl_parser::diagnostic::Diagnostic;
use tl_parser::format::FormatError;
use tl_parser::span::{SourceTooLarge, Sources};

use crate::report::short;

/// Why nothing was generated. `Debug` prints the same as `Display`, so that a build script may return it from `main`.
#[non_exhaustive]
pub enum Error {
    /// The schemas have errors; all of them are here, with the notes and warnings among them.
    Schema {
        /// The files.
        sources: Box<Sources>,
        /// What was found in them.
        diagnostics: Vec<Diagnostic>,
    },
    /// A file or directory could not be read or written.
    Io {
        /// Which one.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// What should be generated into a directory names a file.
    NotADirectory {
        /// Which one.
        path: PathBuf,
    },
    /// Two generated files have the same path.
    DuplicateFile {
        /// Relative to the directory they are generated into.
        path: String,
    },
    /// A schema file is malformed TLO or JSON.
    Format {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        error: FormatError,
    },
    /// A schema file is too large to be read.
    TooLarge(SourceTooLarge),
    /// A pattern of [`Config::only`](crate::Config::only) or [`Config::except`](crate::Config::except) names nothing in the schema.
    Pattern {
        /// The pattern.
        pattern: String,
    },
    /// [`Config::except`](crate::Config::except) cuts what is still needed; all of it is here.
    Cut(Vec<Needed>),
    /// The configuration contradicts itself or can't be used; the text says what to do.
    Config(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema {
                sources,
                diagnostics,
            } => {
                let errors = diagnostics
                    .iter()
                    .filter(|diagnostic| diagnostic.is_error());
                let count = errors.clone().count();
                writeln!(
                    f,
                    "{count} error{} in the schema",
                    if count == 1 { "" } else { "s" }
                )?;
                errors
                    .into_iter()
                    .try_for_each(|error| f.write_str(&short::render(sources, error)))
            }
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::NotADirectory { path } => write!(
                f,
                "{} is a file; name the directory to generate into",
                path.display()
            ),
            Self::DuplicateFile { path } => write!(f, "`{path}` would be generated twice"),
            Self::Format { path, error } => {
                write!(f, "{}: {error}", path.display())?;
                match error {
                    FormatError::NoJson => {
                        f.write_str(" (the feature `cli` of tl-codegen turns it on; `tlc export --format tl` converts)")
                    }
                    _ => Ok(()),
                }
            }
            Self::TooLarge(error) => write!(f, "{error}"),
            Self::Pattern { pattern } => write!(
                f,
                "the pattern `{pattern}` matches no function, type or constructor of the schema; names are written as in TL, \
                 `messages.sendMessage`, and `*` stands for any text"
            ),
            Self::Cut(needed) => {
                f.write_str(
                    "`except` cuts what is still needed; cut what needs it, too, or keep it",
                )?;
                needed.iter().try_for_each(|needed| write!(f, "\n{needed}"))
            }
            Self::Config(message) => f.write_str(message),
        }
    }
}

/// A type that is cut and still needed, or a constructor that is needed bare.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needed {
    /// Its TL name.
    pub name: String,
    /// What needs it: the TL names of constructors and functions that are not cut, in source order.
    pub by: Vec<String>,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        write!(f, "  `{}` is needed by ", self.name)?;
        for (at, by) in self.by.iter().take(SHOWN).enumerate() {
            write!(f, "{}`{by}`", if at == 0 { "" } else { ", " })?;
        }
        match self.by.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // What `Display` has told already is not told again.
            Self::TooLarge(error) => error.source(),
            _ => None,
        }
    }
}
