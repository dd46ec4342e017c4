//! Reading and writing the payloads of `tests/fixtures/payloads`, by ours and by grammers. `borrow` is reading into forms that
//! borrow from the input, which grammers does not have: against its reading.

use std::fs;
use std::hint::black_box;

use grammers_tl_types::{Deserializable, Serializable, enums as theirs};
use telegram_tl::api::enums as ours;
use telegram_tl::wire::{TlRead, TlWrite, decode, encode};

use borrowing::borrowed::enums as borrowed;

mod borrowing {
    include!(concat!(env!("OUT_DIR"), "/borrowing/mod.rs"));
}

/// What both sides do with a payload.
pub struct Comparison<'c> {
    /// The name of its file.
    pub payload: &'static str,
    /// `decode`, `borrow` or `encode`. Values are dropped, too.
    pub what: &'static str,
    /// The most that the ratio of the times may be.
    pub limit: f64,
    /// Does it once.
    pub ours: &'c dyn Fn(),
    /// Does it once.
    pub theirs: &'c dyn Fn(),
}

/// Limits of the time to read into forms that borrow, and to write.
const BORROW: f64 = 0.3;
const ENCODE: f64 = 0.8;

/// Calls `see` with each comparison.
pub fn each(see: &mut dyn FnMut(&Comparison<'_>)) {
    for (payload, decode_limit) in [
        ("messages_slice", 0.55),
        ("message_one", 0.5),
        ("updates_one", 0.3),
        ("updates_ten", 0.55),
    ] {
        let bytes = fs::read(format!("../tests/fixtures/payloads/{payload}.bin"))
            .expect("run from the folder benches");
        let of = (payload, decode_limit, &bytes[..]);
        match payload {
            "messages_slice" => run::<ours::messages::Messages, theirs::messages::Messages>(
                of,
                &|| decode::<borrowed::messages::Messages>(&bytes).is_ok(),
                see,
            ),
            "message_one" => run::<ours::Message, theirs::Message>(
                of,
                &|| decode::<borrowed::Message>(&bytes).is_ok(),
                see,
            ),
            _ => run::<ours::Updates, theirs::Updates>(
                of,
                &|| decode::<borrowed::Updates>(&bytes).is_ok(),
                see,
            ),
        }
    }
}

/// `borrow` reads the bytes into a form that borrows, drops it, and says whether they were sound.
fn run<O, T>(
    (payload, decode_limit, bytes): (&'static str, f64, &[u8]),
    borrow: &dyn Fn() -> bool,
    see: &mut dyn FnMut(&Comparison<'_>),
) where
    O: for<'a> TlRead<'a> + TlWrite,
    T: Deserializable + Serializable,
{
    let our_value: O = decode(bytes).expect("it is sound");
    let their_value = T::from_bytes(bytes).expect("it is sound");
    assert_eq!(
        encode(&our_value).expect("it has a form"),
        their_value.to_bytes()
    );
    let our_decode = || drop(black_box(decode::<O>(bytes)).expect("it is sound"));
    let their_decode = || drop(black_box(T::from_bytes(bytes)).expect("it is sound"));
    let our_borrow = || assert!(borrow());
    let our_encode = || drop(black_box(encode(&our_value)));
    let their_encode = || drop(black_box(their_value.to_bytes()));
    see(&Comparison {
        payload,
        what: "decode",
        limit: decode_limit,
        ours: &our_decode,
        theirs: &their_decode,
    });
    see(&Comparison {
        payload,
        what: "borrow",
        limit: BORROW,
        ours: &our_borrow,
        theirs: &their_decode,
    });
    see(&Comparison {
        payload,
        what: "encode",
        limit: ENCODE,
        ours: &our_encode,
        theirs: &their_encode,
    });
}
