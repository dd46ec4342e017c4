//! Where the drivers' random numbers come from.

use getrandom::SysRng;
use rand_core::UnwrapErr;

/// The generator of the operating system. Without one there is no security to be had: then it panics, as the crate
/// `getrandom` advises.
pub(super) type SystemRng = UnwrapErr<SysRng>;

pub(super) fn system() -> SystemRng {
    UnwrapErr(SysRng)
}
