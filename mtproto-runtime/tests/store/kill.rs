//! A process is killed in the middle of a save, again and again: the store has the record before, or the new one.
//!
//! The test starts itself as the process that saves. That one says before each record that it will save it, and afterwards that
//! it has; what it has said when it dies tells which records may be there. Only kills that came between the two count, and
//! 200 of them are waited for, so that what is shown does not depend on when they come: each has interrupted a save, at
//! instants spread over the time that a save takes. A kill is not a loss of power: it shows that no moment leaves half a
//! record, not that the disk keeps its word.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mtproto_runtime::store::{FileStore, SqliteStore};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

use crate::{Folder, Kind, record};

/// How many saves are interrupted: `AUTH_STORE_KILLS` says otherwise.
const KILLS: u32 = 200;
/// So many processes for each of them, and the test gives up: on no machine saves are that quick.
const MAX_PROCESSES_PER_KILL: u32 = 50;
const FILE: &str = "AUTH_STORE_FILE";
const FIRST: &str = "AUTH_STORE_FIRST";

#[test]
fn a_kill_leaves_a_whole_record_in_a_file() {
    kill::<FileStore>("kill::a_kill_leaves_a_whole_record_in_a_file");
}

#[test]
fn a_kill_leaves_a_whole_record_in_a_database() {
    kill::<SqliteStore>("kill::a_kill_leaves_a_whole_record_in_a_database");
}

/// What the process has said last: that it will save a record, or that it has.
#[derive(Clone, Copy, Debug)]
struct Said {
    number: u32,
    is_saved: bool,
    /// How long the save before took.
    time: Duration,
}

impl Said {
    fn listen(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["will", "save", number] => {
                (self.number, self.is_saved) = (number.parse().unwrap(), false);
            }
            ["has", "saved", number, "in", nanos, "ns"] => {
                (self.number, self.is_saved) = (number.parse().unwrap(), true);
                self.time = Duration::from_nanos(nanos.parse().unwrap());
            }
            _ => {}
        }
    }
}

#[expect(clippy::print_stdout, reason = "what the kills have met")]
fn kill<S: Kind>(test: &str) {
    if let Some(file) = std::env::var_os(FILE) {
        save_until_killed(S::at(file.into()));
    }
    let kills = std::env::var("AUTH_STORE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = Folder::new(&test.replace("::", "-"));
    let mut store = S::at(folder.file());
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut last = 0;
    store.save(&record(last)).unwrap();
    let (mut processes, mut interrupted, mut survived) = (0, 0, 0);
    while interrupted < kills {
        processes += 1;
        assert!(
            processes <= kills * MAX_PROCESSES_PER_KILL,
            "saves are too quick to be interrupted: {interrupted} of {kills} were"
        );
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(FILE, folder.file())
            .env(FIRST, (last + 1).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Said {
            number: last,
            is_saved: true,
            time: Duration::ZERO,
        };
        // Some saves, and then some part of one: what that may be goes by how long those took.
        let wanted = last + 2 + rng.next_u32() % 3;
        while said.number < wanted || said.is_saved {
            said.listen(&lines.next().unwrap().unwrap());
        }
        let began_at = Instant::now();
        let wait = said.time.mul_f64(f64::from(rng.next_u32() % 1200) / 1000.0);
        while began_at.elapsed() < wait {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died. Its last line may be cut.
        for line in lines.map_while(Result::ok) {
            said.listen(&line);
        }
        let loaded = store.load().unwrap().expect("a record is there");
        let found = u32::try_from(loaded.created_at.as_secs()).unwrap();
        let is_possible = match said.is_saved {
            true => found == said.number,
            false => found == said.number || found + 1 == said.number,
        };
        assert!(is_possible, "{found} is there after {said:?}");
        assert!(loaded == record(found), "record {found} is not whole");
        interrupted += u32::from(!said.is_saved);
        survived += u32::from(!said.is_saved && found == said.number);
        last = found;
    }
    println!(
        "{processes} processes killed, {interrupted} in a save, {survived} of these with the new record in its place"
    );
}

/// The process that the test starts.
fn save_until_killed(mut store: impl Kind) -> ! {
    let first: u32 = std::env::var(FIRST).unwrap().parse().unwrap();
    let mut out = std::io::stdout();
    let mut say = |line: &str| {
        // One write each, so that no line is torn.
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    };
    say("\n"); // after what the harness has said
    for number in first.. {
        say(&format!("will save {number}\n"));
        let (record, began_at) = (record(number), Instant::now());
        store.save(&record).unwrap();
        let nanos = began_at.elapsed().as_nanos();
        say(&format!("has saved {number} in {nanos} ns\n"));
    }
    unreachable!("there are numbers enough");
}
