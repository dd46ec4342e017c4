//! Whatever the schema and the bytes: the dynamic codec does not panic, and what it accepts comes back as it was.
//!
//! The input is a schema, a NUL byte, and what to read by it; without a schema it is the Telegram API, so that a NUL byte and
//! an object is a good seed.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tl_dynamic::{Codec, Limits, Options, Root};
use tl_parser::schema::{self, read};
use tl_parser::span::Sources;

static API: LazyLock<Codec> = LazyLock::new(|| codec(include_bytes!("../../schemas/api.tl")));

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == 0);
    let (text, bytes) = match end {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &input[..0]),
    };
    if text.is_empty() {
        return go_through(&API, &API.any(), bytes);
    }
    let codec = codec(text);
    go_through(&codec, &codec.any(), bytes);
    let names: Vec<_> = codec.names().take(8).map(|row| row.0.to_owned()).collect();
    for name in names {
        if let Ok(root) = codec.value(&name).or_else(|_| codec.call(&name)) {
            go_through(&codec, &root, bytes);
        }
    }
});

fn codec(text: &[u8]) -> Codec {
    let mut sources = Sources::new();
    sources
        .add_bytes("fuzz.tl", text.to_vec())
        .expect("it is small");
    let options = schema::Options {
        join: true,
        ..schema::Options::default()
    };
    Codec::new(&read(&sources, &options).remove(0).schema)
}

fn go_through(codec: &Codec, root: &Root, bytes: &[u8]) {
    for options in [Options::strict(), Options::new(), Options::keeping()] {
        let Ok((value, len)) = codec.decode_prefix(root, bytes, &options) else {
            continue;
        };
        let written = codec
            .encode(root, &value)
            .expect("what was read can be written");
        assert!(written.len() <= len, "{value:?}");
        let text = value.to_json().to_string();
        let again = codec
            .value_from_text(root, &text)
            .expect("its JSON can be read");
        assert_eq!(codec.encode(root, &again).as_ref(), Ok(&written), "{text}");
        let second = codec.decode_with(root, &written, &options);
        let second = second.expect("what was written can be read");
        assert_eq!(second.to_json().to_string(), text);
    }
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(value) = codec.value_from_text(root, text)
        && let Ok(written) = codec.encode(root, &value)
    {
        let limits = Limits {
            depth: u32::MAX,
            allocation_bytes: usize::MAX,
        };
        let options = Options::keeping().with_limits(limits);
        let read = codec.decode_with(root, &written, &options);
        assert!(read.is_ok(), "{text}: {read:?}");
    }
}
