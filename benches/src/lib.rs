//! Speed against peers: both in one run, turn by turn, so that the ratio says something on any machine.

pub mod client;
#[cfg(feature = "bindings")]
pub mod codec;

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 25;
const ROUND: Duration = Duration::from_millis(60);

/// The median time of one call of each, measured in alternating rounds.
pub fn medians<A, B>(
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> (Duration, Duration) {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        our_times.push(time(&mut ours));
        their_times.push(time(&mut theirs));
    }
    (median(our_times), median(their_times))
}

/// Measures and prints one row: times, ratio, and whether the goal is met. Says the latter too.
pub fn compare<A, B>(
    what: &str,
    goal: f64,
    ours: impl FnMut() -> A,
    theirs: impl FnMut() -> B,
) -> bool {
    let (ours, theirs) = medians(ours, theirs);
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let verdict = verdict(ratio, goal);
    println!(
        "{what}: ours {ours:.1?}, theirs {theirs:.1?}, ratio {ratio:.3}, goal {goal} {verdict}"
    );
    ratio <= goal
}

/// Whether a goal is met, in a word.
pub fn verdict(ratio: f64, goal: f64) -> &'static str {
    if ratio <= goal { "met" } else { "missed" }
}

/// The clock is read once for many calls: reading it takes as long as some of them.
fn time<T>(run: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let (mut calls, mut batch) = (0, 1);
    loop {
        for _ in 0..batch {
            black_box(run());
        }
        calls += batch;
        let elapsed = start.elapsed();
        if elapsed >= ROUND {
            return elapsed / calls;
        }
        if elapsed < ROUND / 100 {
            batch *= 2;
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
