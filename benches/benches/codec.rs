//! Reading and writing the payloads of `tests/fixtures/payloads`, against grammers in the same run. `borrow` is reading into
//! forms that borrow from the input, which grammers does not have: against its reading.
//!
//! `cargo bench --bench codec` compares times. With arguments it does one thing a number of times and nothing else, for
//! `valgrind --tool=callgrind`: `codec ours decode messages_slice 10`; see `instructions.sh`.

use std::env;
use std::fs;
use std::hint::black_box;

use grammers_tl_types::{Deserializable, Serializable, enums as theirs};
use telegram_tl::api::enums as ours;
use telegram_tl::wire::{TlRead, TlWrite, decode, encode};
use tl_benches::compare;

use borrowing::borrowed::enums as borrowed;

mod borrowing {
    include!(concat!(env!("OUT_DIR"), "/borrowing/mod.rs"));
}

/// A limit of the time to read into forms that borrow.
const BORROW_GOAL: f64 = 0.3;

/// Goals and limits as ratios to the time of the peer.
struct Goals {
    decode: f64,
    encode: f64,
}

fn main() {
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let names = [
        (
            "messages_slice",
            Goals {
                decode: 0.55,
                encode: 0.8,
            },
        ),
        (
            "message_one",
            Goals {
                decode: 0.5,
                encode: 0.8,
            },
        ),
        (
            "updates_one",
            Goals {
                decode: 0.3,
                encode: 0.8,
            },
        ),
        (
            "updates_ten",
            Goals {
                decode: 0.55,
                encode: 0.8,
            },
        ),
    ];
    for (name, goals) in names {
        let bytes = fs::read(format!("../tests/fixtures/payloads/{name}.bin"))
            .expect("run from the folder benches");
        match name {
            "messages_slice" => {
                run::<ours::messages::Messages, theirs::messages::Messages>(
                    name,
                    &bytes,
                    &goals,
                    &arguments,
                    &|| decode::<borrowed::messages::Messages>(&bytes).is_ok(),
                );
            }
            "message_one" => {
                run::<ours::Message, theirs::Message>(name, &bytes, &goals, &arguments, &|| {
                    decode::<borrowed::Message>(&bytes).is_ok()
                });
            }
            _ => {
                run::<ours::Updates, theirs::Updates>(name, &bytes, &goals, &arguments, &|| {
                    decode::<borrowed::Updates>(&bytes).is_ok()
                });
            }
        }
    }
}

/// `borrow` reads the bytes into a form that borrows, drops it, and says whether they were sound.
fn run<O, T>(
    name: &str,
    bytes: &[u8],
    goals: &Goals,
    arguments: &[String],
    borrow: &dyn Fn() -> bool,
) where
    O: for<'a> TlRead<'a> + TlWrite,
    T: Deserializable + Serializable,
{
    let our_value: O = decode(bytes).expect("it is sound");
    let their_value = T::from_bytes(bytes).expect("it is sound");
    let our_decode = || decode::<O>(bytes).map(drop);
    let their_decode = || T::from_bytes(bytes).map(drop);
    let our_encode = || encode(&our_value);
    let their_encode = || their_value.to_bytes();
    assert_eq!(our_encode().expect("it has a form"), their_encode());
    assert!(borrow());

    if let [side, what, payload, times] = arguments {
        let times: u32 = times.parse().expect("a number");
        if payload != name {
            return;
        }
        for _ in 0..times {
            match (&side[..], &what[..]) {
                ("ours", "decode") => black_box(our_decode()).expect("it is sound"),
                ("theirs", "decode") => black_box(their_decode()).expect("it is sound"),
                ("ours", "borrow") => assert!(black_box(borrow())),
                ("theirs", "borrow") => black_box(their_decode()).expect("it is sound"),
                ("ours", "encode") => drop(black_box(our_encode())),
                ("theirs", "encode") => drop(black_box(their_encode())),
                _ => panic!("ours|theirs decode|borrow|encode PAYLOAD TIMES"),
            }
        }
        return;
    }
    let allocations = |run: &dyn Fn()| allocation_counter::measure(run).count_total;
    println!(
        "{name}: allocations of ours/theirs: decode {}/{}, borrow {}, encode {}/{}",
        allocations(&|| our_decode().expect("it is sound")),
        allocations(&|| their_decode().expect("it is sound")),
        allocations(&|| assert!(borrow())),
        allocations(&|| drop(our_encode())),
        allocations(&|| drop(their_encode())),
    );
    compare(
        &format!("{name}: decode and drop"),
        goals.decode,
        our_decode,
        their_decode,
    );
    compare(
        &format!("{name}: borrow and drop"),
        BORROW_GOAL,
        borrow,
        their_decode,
    );
    compare(
        &format!("{name}: encode"),
        goals.encode,
        our_encode,
        their_encode,
    );
}
