//! Times of [reading and writing](tl_benches::codec), against grammers in the same run.
//!
//! `cargo bench --bench codec` compares times. With arguments it does one thing a number of times and nothing else, for
//! `valgrind --tool=callgrind`: `codec ours decode messages_slice 10`; see `instructions.sh`.

use std::env;

use tl_benches::{codec, compare};

fn main() {
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let [side, what, payload, times] = &arguments[..] {
        let times: u32 = times.parse().expect("a number");
        return codec::each(&mut |row| {
            if row.what == what && row.payload == payload {
                let run = if side == "ours" { row.ours } else { row.theirs };
                (0..times).for_each(|_| run());
            }
        });
    }
    codec::each(&mut |row| {
        let name = format!("{}: {}", row.payload, row.what);
        compare(&name, row.limit, row.ours, row.theirs);
    });
}
