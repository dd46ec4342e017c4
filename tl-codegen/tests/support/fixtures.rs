//! Where fixtures lie, and room for what tests write.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A folder of fixtures.
pub(crate) fn dir(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// The names of a folder's files with an extension, without it, in order.
#[allow(dead_code, reason = "not every test goes through a folder")]
pub(crate) fn stems(dir: &Path, extension: &str) -> Vec<String> {
    let paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut stems: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
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
    fs::create_dir_all(&dir).unwrap();
    dir
}
