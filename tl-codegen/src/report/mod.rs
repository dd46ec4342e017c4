//! Diagnostics for people and programs, one file per form. Each renders to a string; printing is the program's business.

#[cfg(feature = "cli")]
pub mod diff;
pub mod github;
#[cfg(feature = "cli")]
pub mod human;
#[cfg(feature = "cli")]
pub mod json;
pub mod short;
