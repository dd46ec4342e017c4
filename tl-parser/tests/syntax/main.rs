//! Everything the front end promises about text: what is read, how errors are told, that nothing crashes it, and that
//! the formatter changes nothing but blanks.

mod constructs;
mod errors;
mod formatting;
mod hostile;
mod recovery;
mod tree;
