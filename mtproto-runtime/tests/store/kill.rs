//! A process is killed while it saves, again and again: the file has the record before, or the new one.
//!
//! The test starts itself as the process that saves. That one says before each record that it will save it, and afterwards that
//! it has; what it has said when it dies tells which records may be there. A kill is not a loss of power: it shows that no
//! moment leaves half a file, not that the disk keeps its word.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use mtproto_runtime::store::{AuthStore, FileStore};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

use crate::{Folder, record};

/// How often: `AUTH_STORE_KILLS` says otherwise.
const KILLS: u32 = 60;
const CHILD: &str = "kill::a_kill_at_any_instant_leaves_a_whole_record";
const FILE: &str = "AUTH_STORE_FILE";
const FIRST: &str = "AUTH_STORE_FIRST";

#[test]
fn a_kill_at_any_instant_leaves_a_whole_record() {
    if let Some(file) = std::env::var_os(FILE) {
        save_until_killed(FileStore::new(file));
    }
    let kills = std::env::var("AUTH_STORE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = Folder::new("kill");
    let mut store = FileStore::new(folder.file());
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (mut last, mut in_between) = (0, 0);
    store.save(&record(last)).unwrap();
    for _ in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([CHILD, "--exact", "--nocapture"])
            .env(FILE, folder.file())
            .env(FIRST, (last + 1).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = (last, false);
        let mut listen = |line: String| {
            let number = |word| Some(line.split_once(word)?.1.parse().unwrap());
            if let Some(number) = number("will save ") {
                said = (number, false);
            } else if let Some(number) = number("has saved ") {
                said = (number, true);
            }
        };
        // Some saves, and then some part of one.
        for _ in 0..4 + rng.next_u32() % 12 {
            listen(lines.next().unwrap().unwrap());
        }
        for _ in 0..rng.next_u32() % 200_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died. Its last line may be cut.
        for line in lines.map_while(Result::ok) {
            listen(line);
        }
        let (number, is_saved) = said;
        let loaded = store.load().unwrap().expect("a record is there");
        let found = u32::try_from(loaded.created_at.as_secs()).unwrap();
        let is_possible = match is_saved {
            true => found == number,
            false => found == number || found + 1 == number,
        };
        assert!(is_possible, "{found} is there after {said:?}");
        assert!(loaded == record(found), "record {found} is not whole");
        in_between += u32::from(!is_saved);
        last = found;
    }
    assert!(in_between > 0, "no kill came while something was saved");
    assert!(last > kills, "the processes did save");
}

/// The process that the test starts.
fn save_until_killed(mut store: FileStore) {
    let first: u32 = std::env::var(FIRST).unwrap().parse().unwrap();
    let mut out = std::io::stdout();
    writeln!(out).unwrap(); // after what the harness has said
    for number in first.. {
        // One write each, so that no line is torn.
        out.write_all(format!("will save {number}\n").as_bytes())
            .unwrap();
        out.flush().unwrap();
        store.save(&record(number)).unwrap();
        out.write_all(format!("has saved {number}\n").as_bytes())
            .unwrap();
        out.flush().unwrap();
    }
}
