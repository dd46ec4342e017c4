//! Goldens of `tlc diff`: what it says of `tests/fixtures/diff/NAME/old.tl` and `new.tl` is `text.txt`, `markdown.md` and
//! `json.json` there; and its exit codes.
//!
//! `SNAPSHOTS=overwrite` writes the goldens anew.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::cmd::Command;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

const FORMATS: [(&str, &str); 3] = [
    ("text", "text.txt"),
    ("markdown", "markdown.md"),
    ("json", "json.json"),
];

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for name in pairs() {
        for (format, golden) in FORMATS {
            let name = name.clone();
            let trial = format!("{name}/{format}");
            trials.push(Trial::test(trial, move || {
                matches_its_golden(&name, format, golden)
            }));
        }
    }
    trials.extend([
        Trial::test(
            "fail_on_decides_the_exit_code",
            fail_on_decides_the_exit_code,
        ),
        Trial::test("errors_go_to_stderr", errors_go_to_stderr),
        Trial::test("json_agrees_with_itself", json_agrees_with_itself),
        Trial::test("a_schema_does_not_differ_from_itself", || {
            for schema in ["mtproto", "end-to-end", "api"] {
                let path = format!("schemas/{schema}.tl");
                let output = tlc(fixtures::root(), &["--fail-on", "any", &path, &path])?;
                exits_with(&output, 0)?;
            }
            Ok(())
        }),
    ]);
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn matches_its_golden(name: &str, format: &str, golden: &str) -> Result<(), Failed> {
    let dir = dir().join(name);
    for schema in ["old.tl", "new.tl"] {
        if !fs::read_to_string(dir.join(schema))?.starts_with("// ") {
            return Err(
                format!("{schema} must begin with a comment that says its property").into(),
            );
        }
    }
    let output = tlc(&dir, &["old.tl", "new.tl", "--format", format])?;
    exits_with(&output, 0)?;
    Assert::new().action_env(DEFAULT_ACTION_ENV).try_eq(
        Some(&golden),
        Data::text(String::from_utf8(output.stdout)?),
        Data::read_from(&dir.join(golden), Some(DataFormat::Text)).raw(),
    )?;
    Ok(())
}

fn fail_on_decides_the_exit_code() -> Result<(), Failed> {
    // The bytes are the same, the Rust is not.
    for (pair, breaking, any) in [
        ("unchanged", 0, 0),
        ("names_and_numbers", 1, 1),
        ("layer_bump", 1, 1),
    ] {
        let dir = dir().join(pair);
        for (fail_on, code) in [("never", 0), ("breaking", breaking), ("any", any)] {
            let output = tlc(&dir, &["old.tl", "new.tl", "--fail-on", fail_on])?;
            exits_with(&output, code)?;
        }
    }
    // A new type breaks nobody.
    let dir = fixtures::scratch_dir("diff_fail_on");
    fs::write(dir.join("old.tl"), "a#1 = A;")?;
    fs::write(dir.join("new.tl"), "a#1 = A;\nb#2 = B;")?;
    for (fail_on, code) in [("never", 0), ("breaking", 0), ("any", 1)] {
        let output = tlc(&dir, &["old.tl", "new.tl", "--fail-on", fail_on])?;
        exits_with(&output, code)?;
    }
    Ok(())
}

/// Broken schemas are not compared, and files that can't be read are another matter.
fn errors_go_to_stderr() -> Result<(), Failed> {
    let dir = fixtures::scratch_dir("diff_errors");
    fs::write(dir.join("sound.tl"), "a#1 = A;")?;
    fs::write(dir.join("broken.tl"), "a#1 x:Missing = A;")?;
    for (old, new, code) in [
        ("sound.tl", "broken.tl", 1),
        ("broken.tl", "sound.tl", 1),
        ("sound.tl", "absent.tl", 2),
        ("absent.tl", "sound.tl", 2),
    ] {
        let output = tlc(&dir, &[old, new])?;
        exits_with(&output, code)?;
        let stderr = String::from_utf8(output.stderr)?;
        let expected = if code == 1 {
            "error[TL0009]"
        } else {
            "absent.tl"
        };
        if !output.stdout.is_empty() || !stderr.contains(expected) {
            return Err(format!("{old} {new}: {stderr}").into());
        }
    }
    exits_with(&tlc(&dir, &["sound.tl"])?, 2)?;
    exits_with(&tlc(&dir, &["sound.tl", "sound.tl", "--format", "xml"])?, 2)
}

/// The counts of the summary are those of the list, and the place of every definition is where its name stands.
fn json_agrees_with_itself() -> Result<(), Failed> {
    for name in pairs() {
        let dir = dir().join(&name);
        let output = tlc(&dir, &["old.tl", "new.tl", "--format", "json"])?;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let changes = report["changes"].as_array().ok_or("no list")?;
        for kind in ["added", "removed", "changed", "renamed", "moved"] {
            let count = changes
                .iter()
                .filter(|change| change["change"] == kind)
                .count();
            if report["summary"][kind] != count {
                return Err(format!("{name}: {count} {kind}").into());
            }
        }
        for who in ["readers", "writers", "rust_api"] {
            let count = changes
                .iter()
                .filter(|change| change[who] == "breaking")
                .count();
            if report["summary"]["breaking"][who] != count {
                return Err(format!("{name}: {count} for {who}").into());
            }
        }
        for side in ["old", "new"] {
            let text = fs::read_to_string(dir.join(side).with_extension("tl"))?;
            for definition in changes.iter().map(|change| &change[side]) {
                let Some(expected) = definition["name"].as_str() else {
                    continue;
                };
                let place = |key: &str| {
                    definition[key]
                        .as_u64()
                        .map_or(0, |place| place as usize - 1)
                };
                let line = text.lines().nth(place("line")).ok_or("no such line")?;
                if !line[place("column")..].starts_with(expected) {
                    return Err(format!("{name}: {expected} is not at {definition}").into());
                }
            }
        }
    }
    Ok(())
}

fn dir() -> PathBuf {
    fixtures::dir("diff")
}

/// The folders of pairs.
fn pairs() -> Vec<String> {
    let entries = fs::read_dir(dir()).expect("fixtures");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("a fixture")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn tlc(dir: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(dir)
        .arg("diff")
        .args(arguments)
        .output()
}

fn exits_with(output: &Output, code: i32) -> Result<(), Failed> {
    if output.status.code() == Some(code) {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}, expected {code}: {stderr}", output.status).into())
}
