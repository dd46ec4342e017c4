//! The checks of the security guidelines that are the session's, by their numbers in the project's list; those of temporary
//! keys are in `pfs`. Each test fails when its check is taken out.

mod claims;
mod envelope;
mod ids;
mod nesting;
mod sending;
