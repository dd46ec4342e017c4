//! Bytes that other implementations made: they decode, and encode to the same bytes again.

use telegram_tl::api;
use telegram_tl::api::enums;
use telegram_tl::wire::{DecodeError, EncodeError, TlRead, TlWrite, decode, encode};

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/{path}")).expect("the fixture is there")
}

#[track_caller]
fn comes_back<T: for<'a> TlRead<'a> + TlWrite>(bytes: &[u8]) -> T {
    let value: T = decode(bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        encode(&value).unwrap_or_else(|error| panic!("{error}")),
        bytes
    );
    value
}

/// Made by `fixtures/payloads/gen_payload.py`.
#[test]
fn synthetic_payloads_come_back() {
    let slice = comes_back::<enums::messages::Messages>(&fixture("payloads/messages_slice.bin"));
    let enums::messages::Messages::Slice(slice) = slice else {
        panic!("not a slice")
    };
    assert_eq!(
        (
            slice.count,
            slice.messages.len(),
            slice.users.len(),
            slice.chats.len()
        ),
        (5000, 100, 50, 20)
    );
    let enums::Updates::Updates(updates) = comes_back(&fixture("payloads/updates_one.bin")) else {
        panic!("not updates")
    };
    assert_eq!((updates.updates.len(), updates.date), (1, 1_750_000_000));
    comes_back::<enums::Updates>(&fixture("payloads/updates_ten.bin"));
    let enums::Message::Message(message) = comes_back(&fixture("payloads/message_one.bin")) else {
        panic!("no message")
    };
    assert_eq!(message.id, 100_000 - 3);
}

type RoundTrip = fn(&[u8]) -> Result<Result<Vec<u8>, EncodeError>, DecodeError>;

fn round_trip<T: for<'a> TlRead<'a> + TlWrite>(
    bytes: &[u8],
) -> Result<Result<Vec<u8>, EncodeError>, DecodeError> {
    decode::<T>(bytes).map(|value| encode(&value))
}

/// Every boxed type and function by TL name.
fn round_trips() -> Vec<(&'static str, RoundTrip)> {
    let mut all: Vec<(&str, RoundTrip)> = Vec::new();
    macro_rules! item {
        (api, Constructor, $($rest:tt)+) => {};
        (api, $kind:ident, $tl_name:literal, $($path:tt)+) => {
            all.push(($tl_name, round_trip::<telegram_tl::api::$($path)+>));
        };
        ($($other:tt)+) => {};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    all
}

/// Made by `fixtures/telethon/make_objects.py` with Telethon. A type's object may be of any type that accepts its id: the one that
/// does gives the same bytes back.
#[test]
fn objects_serialized_by_telethon_come_back() {
    let round_trips = round_trips();
    let objects = String::from_utf8(fixture("telethon/objects.txt")).expect("it is text");
    let mut count = 0;
    for line in objects.lines().filter(|line| !line.starts_with('#')) {
        let [_, name, hex] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
        let id = u32::from_le_bytes(*bytes.first_chunk().expect("an id"));
        assert_eq!(api::registry::name(id), Some(name));
        let accepted = round_trips
            .iter()
            .find_map(|(_, round_trip)| round_trip(&bytes).ok());
        let written = accepted.unwrap_or_else(|| panic!("no type accepts {name}: {hex}"));
        assert_eq!(written.as_deref(), Ok(&bytes[..]), "{name}");
        count += 1;
    }
    assert!(count >= 30, "only {count} objects");
}
