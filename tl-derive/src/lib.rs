//! Derives TL serialization for hand-written Rust types.
