//! Goldens of findings: what `tlc check` says of `tests/fixtures/errors/NAME.tl` is `NAME.stderr`, and its exit code tells
//! whether an error is among it.
//!
//! Schemas in JSON and TLO stand in `NAME.json` and `NAME.tlo`; their first line says no property, for they have no comments.
//! What is wrong with their form makes the program fail with 2. Schemas called `unsupported…` go through `tlc generate`, for what only the generator refuses. `NAME_a.tl` and
//! `NAME_b.tl` are read together. `SNAPSHOTS=overwrite` writes the goldens anew.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use fixtures::{is_overwriting, scratch_dir, stems};
use libtest_mimic::{Arguments, Failed, Trial};
use snapbox::cmd::Command;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};
use tl_parser::diagnostic::{Code, Severity};

fn main() -> ExitCode {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ending in ["tl", "json", "tlo"] {
        for stem in stems(&fixtures::dir("errors"), ending) {
            let name = stem
                .strip_suffix("_a")
                .or(stem.strip_suffix("_b"))
                .unwrap_or(&stem);
            cases
                .entry(name.to_owned())
                .or_default()
                .push(format!("{stem}.{ending}"));
        }
    }
    let names: Vec<_> = cases.keys().cloned().collect();
    let mut trials: Vec<_> = cases
        .into_iter()
        .map(|(name, schemas)| {
            Trial::test(name.clone(), move || matches_its_golden(&name, &schemas))
        })
        .collect();
    trials.push(Trial::test("every_golden_has_a_fixture", move || {
        every_golden_has_a_fixture(&names)
    }));
    trials.push(Trial::test(
        "every_code_has_a_fixture",
        every_code_has_a_fixture,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn matches_its_golden(name: &str, schemas: &[String]) -> Result<(), Failed> {
    let dir = fixtures::dir("errors");
    for schema in schemas.iter().filter(|schema| schema.ends_with(".tl")) {
        let text = fs::read_to_string(dir.join(schema))?;
        let text = text.trim_start_matches('\u{feff}');
        if !text.starts_with("// ") && !text.starts_with("/* ") {
            return Err(
                format!("{schema} must begin with a comment that says its property").into(),
            );
        }
    }
    let tlc = Command::new(env!("CARGO_BIN_EXE_tlc")).current_dir(&dir);
    let out = scratch_dir(&format!("errors_{name}")).join("out");
    let tlc = if name.starts_with("unsupported") {
        tlc.arg("generate").arg("--out").arg(&out)
    } else {
        tlc.arg("check")
    };
    let output = tlc.args(schemas).output()?;
    let found = String::from_utf8(output.stderr)?;
    let golden = dir.join(name).with_extension("stderr");
    Assert::new()
        .action_env(snapbox::assert::DEFAULT_ACTION_ENV)
        .try_eq(
            Some(&"stderr"),
            Data::text(&found),
            Data::read_from(&golden, Some(DataFormat::Text)).raw(),
        )?;
    let code = match found.lines().any(|line| line.starts_with("error: ")) {
        true => 2,
        false => i32::from(found.contains("error[")),
    };
    if output.status.code() != Some(code) || !output.stdout.is_empty() || found.is_empty() {
        return Err(format!("{}, expected {code}", output.status).into());
    }
    if out.exists() {
        return Err("something was generated".into());
    }
    Ok(())
}

fn every_golden_has_a_fixture(names: &[String]) -> Result<(), Failed> {
    let dir = fixtures::dir("errors");
    for golden in stems(&dir, "stderr") {
        if names.contains(&golden) {
            continue;
        }
        if !is_overwriting() {
            return Err(format!("{golden}.stderr belongs to no fixture").into());
        }
        fs::remove_file(dir.join(golden).with_extension("stderr"))?;
    }
    Ok(())
}

/// Notes are left to JSON: they have none.
fn every_code_has_a_fixture() -> Result<(), Failed> {
    let dir = fixtures::dir("errors");
    let mut goldens = String::new();
    for golden in stems(&dir, "stderr") {
        goldens += &fs::read_to_string(dir.join(golden).with_extension("stderr"))?;
    }
    let is_missing =
        |code: &&Code| code.severity() != Severity::Note && !goldens.contains(&format!("[{code}]"));
    match Code::ALL.iter().filter(is_missing).collect::<Vec<_>>()[..] {
        [] => Ok(()),
        ref missing => Err(format!("no fixture for {missing:?}").into()),
    }
}
