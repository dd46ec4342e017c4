//! Work in two parts that don't depend on each other.

use std::thread;

/// Does both parts, the second one on a thread of its own. Where there is none to be had, one after the other.
pub(crate) fn both<A, B: Send>(
    first: impl FnOnce() -> A,
    second: impl Fn() -> B + Sync,
) -> (A, B) {
    let (first, done) = thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, &second);
        let first = first();
        (first, thread.ok().and_then(|thread| thread.join().ok()))
    });
    (first, done.unwrap_or_else(second))
}
