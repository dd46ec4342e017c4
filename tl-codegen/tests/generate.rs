//! Goldens of generated code: every `tests/fixtures/generate/NAME.tl` makes exactly the files below `NAME/`.
//!
//! One trial per fixture; goldens and the bindings of real schemas are as rustfmt would have them. `SNAPSHOTS=overwrite`
//! writes the goldens anew. The root package's test `goldens` compiles and uses them.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use fixtures::{is_overwriting, scratch_dir, stems};
use libtest_mimic::{Arguments, Failed, Trial};
use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};
use tl_codegen::{Config, Files, Output};
use tl_parser::diagnostic::Code;

fn main() -> ExitCode {
    let dir = fixtures::dir("generate");
    let names = stems(&dir, "tl");
    let mut trials: Vec<_> = names
        .iter()
        .map(|name| {
            let (dir, name) = (dir.clone(), name.clone());
            Trial::test(name.clone(), move || matches_its_golden(&dir, &name))
        })
        .collect();
    trials.push(Trial::test("every_golden_has_a_fixture", move || {
        every_golden_has_a_fixture(&dir, &names)
    }));
    for schema in ["mtproto", "end-to-end", "api"] {
        trials.push(Trial::test(format!("{schema}_is_formatted"), move || {
            let out = scratch_dir(&format!("formatted_{schema}"));
            let schema = fixtures::root().join(format!("schemas/{schema}.tl"));
            Config::new().schema(schema).generate_into(&out)?;
            is_formatted(&all_files(&out))
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn matches_its_golden(dir: &Path, name: &str) -> Result<(), Failed> {
    let schema = dir.join(name).with_extension("tl");
    let config = config(&schema, &fs::read_to_string(&schema)?)?;
    let output = config.generate()?;
    let assert = Assert::new().action_env(DEFAULT_ACTION_ENV);
    let renames = renames(&output);
    if !renames.is_empty() {
        let expected = Data::read_from(&dir.join(name).with_extension("notes"), None).raw();
        assert.try_eq(Some(&"renamed"), Data::text(renames), expected)?;
    }
    let files = output.files;
    if config.generate()?.files != files {
        return Err("a second run makes other files".into());
    }
    let golden = dir.join(name);
    remove_leftovers(&files, &golden)?;
    for (path, text) in files.iter() {
        let path = golden.join(path);
        let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
        assert.try_eq(Some(&"generated"), Data::text(text), expected)?;
    }
    // The comparison above is blind to line ends.
    match &files.compare(&golden)?[..] {
        [] => is_formatted(&all_files(&golden)),
        stale => Err(format!("not up to date: {stale:?}").into()),
    }
}

/// The notes on names that had to be changed, one a line.
fn renames(output: &Output) -> String {
    let notes = output.diagnostics.iter();
    notes
        .filter(|note| note.code == Code::Renamed)
        .map(|note| {
            let place = output.sources.locate(note.primary.span);
            let place = place.rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{place}: {}\n", note.message)
        })
        .collect()
}

/// A fixture begins with a comment that says its property; its second line may say options: `// Options: borrowed.`.
fn config(schema: &Path, text: &str) -> Result<Config, Failed> {
    if !text.starts_with("// ") {
        return Err("it must begin with a comment that says its property".into());
    }
    let options = text
        .lines()
        .find_map(|line| line.strip_prefix("// Options: ")?.strip_suffix('.'));
    let mut options = options.into_iter().flat_map(|options| options.split(", "));
    options.try_fold(
        // The goldens' tests play both roles.
        Config::new().schema(schema).read_functions(true),
        |config, option| match option {
            "borrowed" => Ok(config.borrowed(true)),
            "conversions" => Ok(config.conversions(true)),
            "dispatcher" => Ok(config.dispatcher(true)),
            "functions unread" => Ok(config.read_functions(false)),
            _ => Err(format!("there is no option `{option}`").into()),
        },
    )
}

/// A golden holds exactly what is generated; other files are errors, or go when goldens are written anew.
fn remove_leftovers(files: &Files, golden: &Path) -> Result<(), Failed> {
    let expected: BTreeSet<_> = files.iter().map(|(path, _)| golden.join(path)).collect();
    for found in all_files(golden) {
        if expected.contains(&found) {
            continue;
        }
        if !is_overwriting() {
            return Err(format!("{} is not generated", found.display()).into());
        }
        fs::remove_file(found)?;
    }
    Ok(())
}

fn every_golden_has_a_fixture(dir: &Path, names: &[String]) -> Result<(), Failed> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_known = path
            .file_stem()
            .is_some_and(|stem| names.iter().any(|name| stem == name.as_str()));
        if is_known {
            continue;
        }
        if !is_overwriting() {
            return Err(format!("{} belongs to no fixture", path.display()).into());
        }
        fs::remove_dir_all(path)?;
    }
    Ok(())
}

/// rustfmt has nothing to change.
fn is_formatted(files: &[PathBuf]) -> Result<(), Failed> {
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .args(files)
        .output()?;
    if output.status.success() && !files.is_empty() {
        return Ok(());
    }
    let [diff, errors] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    Err(format!("{} files\n{diff}{errors}", files.len()).into())
}

/// Every file below a directory, which may be missing.
fn all_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                all_files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
