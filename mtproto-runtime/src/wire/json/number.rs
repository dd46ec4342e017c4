//! Numbers that are more than JSON's: infinities and NaN, as text.

use alloc::format;
use alloc::string::String;

/// The bits of the NaN that needs no further word.
const NAN_BITS: u64 = 0x7ff8_0000_0000_0000;
/// The same of a `float`.
const FLOAT_NAN_BITS: u32 = 0x7fc0_0000;

/// A double that is no number in JSON.
pub(super) fn double_as_text(value: f64) -> Option<String> {
    if value.is_finite() {
        return None;
    }
    Some(match value.to_bits() {
        NAN_BITS => "NaN".into(),
        bits if value.is_nan() => format!("NaN:0x{bits:016x}"),
        _ if value > 0.0 => "Infinity".into(),
        _ => "-Infinity".into(),
    })
}

/// The same of a float.
pub(super) fn float_as_text(value: f32) -> Option<String> {
    match value.to_bits() {
        FLOAT_NAN_BITS => Some("NaN".into()),
        bits if value.is_nan() => Some(format!("NaN:0x{bits:08x}")),
        _ => double_as_text(value.into()),
    }
}

pub(super) fn double_of_text(text: &str) -> Option<f64> {
    match text {
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::from_bits(NAN_BITS)),
        _ => {
            let bits = u64::from_str_radix(text.strip_prefix("NaN:0x")?, 16).ok()?;
            Some(f64::from_bits(bits)).filter(|value| value.is_nan())
        }
    }
}

pub(super) fn float_of_text(text: &str) -> Option<f32> {
    let bits = match text.strip_prefix("NaN:0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None if text == "NaN" => FLOAT_NAN_BITS,
        None => return double_of_text(text).map(|value| value as f32),
    };
    Some(f32::from_bits(bits)).filter(|value| value.is_nan())
}
