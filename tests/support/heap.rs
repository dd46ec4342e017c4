//! How much heap a piece of code holds at once.

/// What `run` returns, and the most bytes of heap that were held during it.
pub(crate) fn measured<T>(run: impl FnOnce() -> T) -> (T, u64) {
    let mut result = None;
    let info = allocation_counter::measure(|| result = Some(run()));
    (result.expect("the code has run"), info.bytes_max)
}
