//! What stands in place of a secret where a value is printed.

use core::fmt;

/// Prints as `<redacted>`, in place of a field that must not be shown.
///
/// ```
/// assert_eq!(format!("{:?}", mtproto_runtime::wire::Redacted), "<redacted>");
/// ```
#[derive(Clone, Copy)]
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
