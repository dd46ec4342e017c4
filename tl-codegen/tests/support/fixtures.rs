//! Where fixtures lie, and room for what tests write.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace.
#[allow(dead_code, reason = "not every test needs it")]
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A folder of fixtures.
#[allow(dead_code, reason = "not every test has one")]
pub(crate) fn dir(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// The names of a folder's files with an extension, without it, in order.
#[allow(dead_code, reason = "not every test goes through a folder")]
pub(crate) fn stems(dir: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("the fixtures are there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name());
    let mut stems: Vec<_> = names
        .filter_map(|name| {
            let stem = name.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
            Some(stem.to_owned())
        })
        .collect();
    stems.sort();
    stems
}

/// Whether goldens are to be written and not compared.
#[allow(dead_code, reason = "not every test has strays to remove")]
pub(crate) fn is_overwriting() -> bool {
    std::env::var(snapbox::assert::DEFAULT_ACTION_ENV).is_ok_and(|action| action == "overwrite")
}

/// An empty directory of a test's own.
#[allow(dead_code, reason = "not every test writes")]
pub(crate) fn scratch_dir(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("it can be made");
    dir
}
