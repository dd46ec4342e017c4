//! Numbers that a handshake must not be made with.

use mtproto_runtime::crypto::dh::TELEGRAM_DH_PRIME;
use num_bigint::BigUint;

/// The shortest big-endian form.
pub(super) fn minimal(number: u64) -> Vec<u8> {
    BigUint::from(number).to_bytes_be()
}

pub(super) fn prime() -> BigUint {
    BigUint::from_bytes_be(&TELEGRAM_DH_PRIME)
}

/// Below the prime, and with its remainders for every `g`.
pub(super) fn composite() -> Vec<u8> {
    (prime() - 840_u32).to_bytes_be()
}

/// The next prime below that has the remainders; half of it is none.
pub(super) fn unsafe_prime() -> Vec<u8> {
    (prime() - 840_u32 * 479).to_bytes_be()
}

/// A prime of 2047 bits.
pub(super) fn short_prime() -> Vec<u8> {
    ((prime() - 1_u32) >> 1_u32).to_bytes_be()
}

/// A number of 2049 bits.
pub(super) fn long_prime() -> Vec<u8> {
    (prime() + (BigUint::from(1_u32) << 2048_u32)).to_bytes_be()
}

/// 2^1984, the bound of `g_a`.
pub(super) fn bound() -> BigUint {
    BigUint::from(1_u32) << 1984_u32
}
