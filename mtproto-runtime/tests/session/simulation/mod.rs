//! A client and a server over a network that loses, repeats, reorders, splits, damages and delays packets and cuts
//! connections, while clocks jump by hours, salts and keys change, the server forgets sessions and the client restarts.
//!
//! Packets are lost, repeated and reordered before they reach a connection; each of the client's connections has a real
//! transport on it, whose bytes arrive in order, but in pieces of any size.
//!
//! Every run is determined by its seed. `SIMULATION_SEEDS=100` runs fewer of them, `SIMULATION_SEED=7` one, with a log.

mod client;
mod network;
mod server;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use self::world::Simulation;

/// How many seeds are run.
const SEEDS: u64 = 10_000;

#[test]
fn every_call_is_answered_once_or_reported_failed_and_in_order() {
    if let Some(seed) = variable("SIMULATION_SEED") {
        let mut simulation = Simulation::new(seed, true);
        simulation.run();
        return log(&format!("{:?}", simulation.totals));
    }
    let totals = run_all(variable("SIMULATION_SEEDS").unwrap_or(SEEDS));
    log(&format!("{totals:?}"));
    // The network was as bad as it should be, and all that was to be provoked was provoked.
    assert!(
        totals.calls > 1000 && totals.results > totals.calls / 2,
        "{totals:?}"
    );
    for (what, count) in [
        ("new sessions", totals.new_sessions),
        ("gaps", totals.gaps),
        ("keys", totals.keys),
        ("unknown keys", totals.unknown_keys),
        ("cuts", totals.cuts),
        ("jumps of the client's clock", totals.jumps),
        ("pauses of the client's clock", totals.pauses),
        ("jumps of the server's clock", totals.server_jumps),
        ("jumps back of the server's clock", totals.server_set_back),
        ("forgotten sessions", totals.forgotten),
        ("restarts", totals.restarts),
        ("errors", totals.errors),
        ("failures", totals.failed),
        ("cancelled calls", totals.cancelled),
        ("updates", totals.updates),
        ("refusals", totals.refusals),
        ("quick acknowledgments", totals.quick_acks),
        ("packets over a second connection", totals.second_connection),
        ("pieces of packets", totals.pieces),
    ] {
        assert!(count > 10, "too few {what}: {totals:?}");
    }
    assert!(
        totals.failed * 50 < totals.calls,
        "too many calls fail: {totals:?}"
    );
}

/// Runs that many seeds, on all processors.
fn run_all(seeds: u64) -> Totals {
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let totals = Mutex::new(Totals::default());
    let run_some = || {
        let mut own = Totals::default();
        while !failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                break;
            }
            let outcome = std::panic::catch_unwind(|| {
                let mut simulation = Simulation::new(seed, false);
                simulation.run();
                simulation.totals
            });
            match outcome {
                Ok(more) => own.add(&more),
                Err(panic) => {
                    failed.store(true, Ordering::Relaxed);
                    log(&format!(
                        "seed {seed} fails: replay it with SIMULATION_SEED={seed}"
                    ));
                    std::panic::resume_unwind(panic);
                }
            }
        }
        totals.lock().expect("nobody panics with it").add(&own);
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(run_some)).collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    totals.into_inner().expect("nobody panicked with it")
}

#[expect(clippy::print_stdout, reason = "what happened, for those who ask")]
fn log(what: &str) {
    println!("{what}");
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Counts what happened.
macro_rules! totals {
    ($($name:ident)+) => {
        #[derive(Debug, Default)]
        struct Totals { $($name: u64,)+ }

        impl Totals {
            fn add(&mut self, more: &Self) {
                $(self.$name += more.$name;)+
            }
        }
    };
}

totals! {
    calls results errors failed cancelled abandoned executions updates new_sessions gaps keys unknown_keys cuts jumps pauses
    server_jumps server_set_back forgotten restarts packets second_connection pieces quick_acks refusals
}
