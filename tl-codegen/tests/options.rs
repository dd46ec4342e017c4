//! The bindings of `tests/fixtures/options`, each with options of its own, are what `tlc generate` makes of its `tl.toml`.
//!
//! `SNAPSHOTS=overwrite` writes them anew. The root package's test `options` compiles and uses them.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use fixtures::is_overwriting;
use snapbox::cmd::Command;

#[test]
fn the_bindings_are_up_to_date() {
    let generate = Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(fixtures::dir("options"))
        .arg("generate");
    let generate = if is_overwriting() {
        generate
    } else {
        generate.arg("--check")
    };
    generate.assert().success().stdout_eq("");
}

#[test]
fn the_bindings_are_formatted() {
    let files = rust_files(&fixtures::dir("options"));
    assert!(files.len() > 5);
    let output = Process::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .args(files)
        .output()
        .unwrap();
    let diff = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{diff}");
}

/// Every Rust file below a directory.
fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false if path.extension().is_some_and(|end| end == "rs") => vec![path],
            false => Vec::new(),
        })
        .collect()
}
