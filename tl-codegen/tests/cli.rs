//! The program `tlc`: what it prints where, what it writes, and its exit codes.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use fixtures::{root, scratch_dir};
use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert};
use snapbox::data::DataFormat;
use snapbox::{Data, IntoData, str};

const SCHEMAS: [&str; 3] = [
    "schemas/mtproto.tl",
    "schemas/end-to-end.tl",
    "schemas/api.tl",
];

fn tlc<'a>(dir: impl AsRef<Path>, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(dir)
        .args(arguments)
}

/// A golden next to the fixtures of this test, compared as it is.
fn golden(name: &str) -> Data {
    Data::read_from(&fixtures::dir("cli").join(name), Some(DataFormat::Text)).raw()
}

/// Neither a word on stdout nor on stderr, and exit code 0.
#[track_caller]
fn is_silent(command: Command) {
    command.assert().success().stdout_eq("").stderr_eq("");
}

mod findings {
    use super::*;

    /// Three warnings, then as many errors, then another warning.
    fn schema(name: &str) -> PathBuf {
        let dir = scratch_dir(name);
        let unused = |index| format!("w{index} {{x:#}} = W;\n");
        let unknown = |index| format!("e{index} x:nothing = E;\n");
        let lines: String = (0..3).map(unused).chain((0..3).map(unknown)).collect();
        fs::write(dir.join("a.tl"), lines + &unused(3)).expect("a scratch directory");
        dir
    }

    fn stderr(dir: &Path, arguments: &[&str]) -> String {
        let command = tlc(dir, arguments.iter().copied()).assert().code(1);
        String::from_utf8_lossy(&command.get_output().stderr).into_owned()
    }

    #[test]
    fn people_are_shown_so_many_errors_first_and_told_of_the_others() {
        let dir = schema("findings_for_people");
        let text = stderr(&dir, &["check", "a.tl", "--max-errors", "4"]);
        let titles: Vec<_> = text.lines().filter(|line| line.contains("[TL")).collect();
        assert_eq!(titles.len(), 4, "{text}");
        assert!(titles[0].starts_with("warning"), "{text}");
        assert!(
            titles[1..].iter().all(|title| title.starts_with("error")),
            "{text}"
        );
        let end = "\n\n… and 3 more; `--max-errors 0` shows them all\n\n3 errors, 4 warnings\n";
        assert!(text.ends_with(end), "{text}");
        for all in ["0", "7", "200"] {
            let text = stderr(&dir, &["check", "a.tl", "--max-errors", all]);
            assert_eq!(text.matches("[TL").count(), 7, "{text}");
            assert!(!text.contains("more"), "{text}");
        }
    }

    #[test]
    fn programs_are_shown_all() {
        let dir = schema("findings_for_programs");
        for format in ["short", "json", "github"] {
            let text = stderr(
                &dir,
                &[
                    "check",
                    "a.tl",
                    "--max-errors",
                    "1",
                    "--message-format",
                    format,
                ],
            );
            let found = text.lines().filter(|line| line.contains("TL00"));
            assert_eq!(found.count(), 7, "{format}: {text}");
        }
    }
}

mod usage {
    use super::*;

    #[test]
    fn wrong_arguments_exit_with_2() {
        for arguments in [
            &[][..],
            &["frobnicate"],
            &["check"],
            &["check", "--no-such-option", "a.tl"],
            &["check", "--message-format", "xml", "a.tl"],
            &["fmt"],
            &["ids", "--dialect", "latin", "a.tl"],
            &["generate", "a.tl"],
            &["generate", "--out", "b"],
            &["generate", "--config", "tl.toml", "--out", "b", "a.tl"],
        ] {
            let output = tlc(root(), arguments.iter().copied()).assert().code(2);
            let stderr = &output.stdout_eq("").get_output().stderr.clone();
            let stderr = String::from_utf8_lossy(stderr);
            assert!(stderr.contains("--help"), "{arguments:?}: {stderr}");
        }
    }

    #[test]
    fn help_and_version_go_to_stdout() {
        for argument in ["--help", "--version"] {
            let output = tlc(root(), [argument]).assert().success().stderr_eq("");
            assert!(!output.get_output().stdout.is_empty(), "{argument}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        for subcommand in ["check", "fmt", "ids"] {
            tlc(root(), [subcommand, "missing.tl"])
                .assert()
                .code(2)
                .stdout_eq("")
                .stderr_eq(str![[r#"
error: missing.tl: [..]

"#]]);
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        // More output than a pipe holds, which nobody reads.
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tlc"))
            .current_dir(root())
            .arg("ids")
            .args(SCHEMAS.repeat(4))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        OutputAssert::new(child.wait_with_output().unwrap())
            .success()
            .stderr_eq("");
    }
}

mod check {
    use super::*;

    #[test]
    fn sound_schemas_are_passed_over_in_silence() {
        is_silent(tlc(root(), ["check"]).args(SCHEMAS));
    }

    #[test]
    fn a_file_that_cannot_be_read_hides_nothing_of_the_others() {
        let dir = fixtures::scratch_dir("check_unreadable");
        fs::create_dir_all(dir.join("folder")).unwrap();
        fs::write(dir.join("schema.tl"), "user id:lnog = User;\n").unwrap();
        let output = tlc(&dir, ["check", "missing.tl", "schema.tl", "folder"]).assert();
        let output = output.code(2).stdout_eq("");
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        for words in [
            "unknown type or constructor `lnog`",
            "error: missing.tl: ",
            "error: folder: this is a directory: name the schema files in it",
        ] {
            assert!(stderr.contains(words), "{stderr}");
        }
    }

    #[test]
    fn a_dash_is_standard_input() {
        let text = "user id:long = User;\n---functions---\ngetUser = User;\n";
        let piped = |arguments: &[&str]| {
            let output = tlc(root(), arguments.iter().copied()).stdin(text).assert();
            String::from_utf8(output.success().stderr_eq("").get_output().stdout.clone()).unwrap()
        };
        assert_eq!(piped(&["check", "-"]), "");
        assert!(piped(&["ids", "-"]).starts_with("user#74e5ad7d\t-\ngetUser#"));
        assert_eq!(
            piped(&["list", "-"]),
            "user id:long = User;\ngetUser = User;\n"
        );
        assert!(piped(&["show", "user", "-"]).contains("<stdin>:1:1"));
        tlc(root(), ["check", "-", "-"])
            .stdin(text)
            .assert()
            .code(2)
            .stderr_eq("error: standard input can be read only once\n");
        tlc(root(), ["check", "-"])
            .stdin("user id:lnog = User;")
            .assert()
            .code(1);
    }

    #[test]
    fn findings_are_lines_of_json_on_request() {
        let dir = fixtures::dir("cli");
        let output = tlc(dir, ["check", "--message-format", "json", "findings.tl"]).assert();
        let output = output
            .code(1)
            .stdout_eq("")
            .stderr_eq(golden("findings.jsonl"));
        let text = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        let findings: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let schema = fs::read_to_string(fixtures::dir("cli").join("findings.tl")).unwrap();
        let found: Vec<_> = findings
            .iter()
            .map(|finding| {
                let place = &finding["primary"];
                let at = |key: &str| place[key].as_u64().unwrap() as usize;
                let severity = finding["severity"].as_str().unwrap();
                let line = schema.lines().nth(at("line") - 1).unwrap();
                let columns = at("column") - 1..at("end_column") - 1;
                let in_line: String = line.chars().take(columns.end).skip(columns.start).collect();
                let text = &schema[at("byte_start")..at("byte_end")];
                assert_eq!(in_line, text, "{finding}");
                (severity, text)
            })
            .collect();
        assert!(found.contains(&("error", "strin")), "{found:?}");
        assert!(found.contains(&("note", "accessPointRule")), "{found:?}");
    }

    #[test]
    fn the_dialect_can_be_told() {
        let dir = scratch_dir("dialect");
        // Telegram's rule leaves `is_new` out.
        fs::write(
            dir.join("a.tl"),
            "photo#5d89a724 flags:# is_new:flags.0?true = Photo;",
        )
        .unwrap();
        is_silent(tlc(&dir, ["check", "a.tl"]));
        is_silent(tlc(&dir, ["check", "--dialect", "telegram", "a.tl"]));
        tlc(&dir, ["check", "--dialect", "raw", "a.tl"])
            .assert()
            .code(1);
    }

    #[test]
    fn given_ids_can_be_trusted() {
        let dir = scratch_dir("trust_ids");
        fs::write(dir.join("a.tl"), "user#1 id:long = User;").unwrap();
        tlc(&dir, ["check", "a.tl"]).assert().code(1);
        is_silent(tlc(&dir, ["check", "--trust-ids", "a.tl"]));
    }

    #[test]
    fn files_that_state_layers_are_joined_on_request() {
        let dir = scratch_dir("join");
        fs::write(dir.join("a.tl"), "// LAYER 1\nuser id:long = User;\n").unwrap();
        fs::write(dir.join("b.tl"), "// LAYER 2\nuser id:int = User;\n").unwrap();
        is_silent(tlc(&dir, ["check", "a.tl", "b.tl"]));
        tlc(&dir, ["check", "--join", "a.tl", "b.tl"])
            .assert()
            .code(1);
    }
}

mod ids {
    use super::*;

    #[test]
    fn computed_ids_stand_beside_given_ones() {
        for dialect in ["telegram", "raw"] {
            tlc(
                fixtures::dir("cli"),
                ["ids", "--dialect", dialect, "ids.tl"],
            )
            .assert()
            .success()
            .stdout_eq(golden(&format!("ids.{dialect}")))
            .stderr_eq("");
        }
    }

    #[test]
    fn what_can_be_read_is_listed_beside_errors() {
        let dir = scratch_dir("ids");
        fs::write(dir.join("a.tl"), "broken = ;\nboolTrue = Bool;\n").unwrap();
        tlc(&dir, ["ids", "a.tl"])
            .assert()
            .code(1)
            .stdout_eq("boolTrue#997275b5\t-\n");
    }
}

mod fmt {
    use super::*;

    /// A fresh copy of the untidy fixture.
    fn untidy(test: &str) -> PathBuf {
        let dir = scratch_dir(test);
        let fixture = fixtures::dir("cli").join("untidy.tl");
        fs::copy(fixture, dir.join("untidy.tl")).expect("the fixture is there");
        dir
    }

    fn text(dir: &Path) -> String {
        fs::read_to_string(dir.join("untidy.tl")).expect("the fixture is there")
    }

    #[test]
    fn files_are_formatted_in_place() {
        let dir = untidy("fmt_in_place");
        is_silent(tlc(&dir, ["fmt", "untidy.tl"]));
        snapbox::assert_data_eq!(text(&dir), golden("untidy.tidy"));
        is_silent(tlc(&dir, ["fmt", "--check", "untidy.tl"]));
        is_silent(tlc(&dir, ["fmt", "untidy.tl"]));
        snapbox::assert_data_eq!(text(&dir), golden("untidy.tidy"));
    }

    #[test]
    fn check_shows_what_would_change_and_changes_nothing() {
        let dir = untidy("fmt_check");
        let before = text(&dir);
        tlc(&dir, ["fmt", "--check", "untidy.tl"])
            .assert()
            .code(1)
            .stdout_eq(golden("untidy.diff"))
            .stderr_eq("");
        assert_eq!(text(&dir), before);
    }

    #[test]
    fn standard_input_goes_to_standard_output() {
        let dir = untidy("fmt_stdin");
        tlc(&dir, ["fmt", "-"])
            .stdin(text(&dir))
            .assert()
            .success()
            .stdout_eq(golden("untidy.tidy"))
            .stderr_eq("");
        tlc(&dir, ["fmt", "--check", "-"])
            .stdin(text(&dir))
            .assert()
            .code(1);
    }

    #[test]
    fn a_broken_schema_is_left_alone_and_the_others_are_not() {
        let dir = untidy("fmt_broken");
        fs::write(dir.join("broken.tl"), "a   =  ;").unwrap();
        tlc(&dir, ["fmt", "broken.tl", "untidy.tl"])
            .assert()
            .code(1)
            .stdout_eq("");
        assert_eq!(
            fs::read_to_string(dir.join("broken.tl")).unwrap(),
            "a   =  ;"
        );
        snapbox::assert_data_eq!(text(&dir), golden("untidy.tidy"));
    }
}

mod generate {
    use super::*;

    /// A fresh copy of the project fixture, generated.
    fn project(test: &str) -> PathBuf {
        let dir = scratch_dir(test);
        for file in ["tl.toml", "schema.tl"] {
            fs::copy(fixtures::dir("cli/project").join(file), dir.join(file))
                .expect("the fixture is there");
        }
        is_silent(tlc(&dir, ["generate"]));
        dir
    }

    /// What `--check` says, which is also that something is not up to date.
    #[track_caller]
    fn stale(dir: &Path, stdout: impl IntoData) {
        tlc(dir, ["generate", "--check"])
            .assert()
            .code(1)
            .stdout_eq(stdout)
            .stderr_eq("");
    }

    #[test]
    fn tl_toml_says_what_to_generate() {
        let dir = project("generate");
        let read = |path: &str| fs::read_to_string(dir.join(path)).unwrap();
        assert!(read("bindings/types.rs").contains("pub struct Chat"));
        assert!(read("bindings/types.rs").contains("::mtproto_runtime::wire::TlRead"));
        let small = read("small/bindings/types.rs");
        assert!(small.contains("pub struct User") && !small.contains("pub struct Chat"));
        assert!(small.contains("pub name: ::alloc::string::String"));
        assert!(small.contains("crate::tl::wire::TlRead") && !small.contains("derive"));
        assert!(small.contains("<https://example.org/constructor/user>"));
        is_silent(tlc(&dir, ["generate", "--check"]));
        is_silent(tlc(
            dir.join("small"),
            ["generate", "--config", "../tl.toml", "--check"],
        ));
    }

    #[test]
    fn flags_do_the_same_as_tl_toml() {
        let dir = project("generate_flags");
        is_silent(tlc(
            &dir,
            ["generate", "schema.tl", "--out", "bindings", "--check"],
        ));
        is_silent(
            tlc(
                &dir,
                [
                    "generate",
                    "schema.tl",
                    "--out",
                    "small/bindings",
                    "--check",
                ],
            )
            .args([
                "--only=get*",
                "--no-std",
                "--derives=",
                "--runtime-path=crate::tl",
                "--docs-link=https://example.org/{kind}/{name}",
            ]),
        );
        tlc(&dir, ["generate", "schema.tl", "--out", "other", "--check"])
            .assert()
            .code(1);
        assert!(!dir.join("other").exists(), "--check writes nothing");
    }

    #[test]
    fn a_changed_byte_is_shown() {
        let dir = project("generate_changed");
        let path = dir.join("bindings/types.rs");
        let fresh = fs::read_to_string(&path).unwrap();
        let changed = fresh.replacen("pub id: i64", "pub id: i65", 1);
        fs::write(&path, &changed).unwrap();
        stale(
            &dir,
            str![[r#"
--- bindings/types.rs
+++ bindings/types.rs (expected)
@@ -7,7 +7,7 @@
 /// user id:long name:string = User
 /// ```
 pub struct User {
-    pub id: i65,
+    pub id: i64,
     pub name: ::std::string::String,
 }
 

"#]]
            .raw(),
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
        is_silent(tlc(&dir, ["generate"]));
        assert_eq!(fs::read_to_string(&path).unwrap(), fresh);
    }

    #[test]
    fn line_ends_are_named_and_not_shown() {
        let dir = project("generate_line_ends");
        let path = dir.join("bindings/types.rs");
        let crlf = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
        fs::write(path, crlf).unwrap();
        stale(
            &dir,
            "bindings/types.rs: differs in its line ends only; they must be LF\n",
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let dir = project("generate_missing");
        fs::remove_file(dir.join("bindings/enums.rs")).unwrap();
        stale(&dir, "bindings/enums.rs: is missing\n");
    }

    #[test]
    fn leftovers_are_named_and_removed_and_foreign_files_are_not() {
        let dir = project("generate_leftover");
        let leftover = dir.join("bindings/old/leftover.rs");
        let foreign = dir.join("bindings/old/foreign.rs");
        fs::create_dir(dir.join("bindings/old")).unwrap();
        fs::copy(dir.join("bindings/types.rs"), &leftover).unwrap();
        fs::write(&foreign, "// Written by hand.\n").unwrap();
        stale(&dir, "bindings/old/leftover.rs: is no longer generated\n");
        is_silent(tlc(&dir, ["generate"]));
        assert!(!leftover.exists() && foreign.exists());
    }

    #[test]
    fn directories_that_held_nothing_but_leftovers_go_with_them() {
        let dir = project("generate_empty_directories");
        let leftover = dir.join("bindings/old/older/leftover.rs");
        fs::create_dir_all(dir.join("bindings/old/older")).unwrap();
        fs::create_dir(dir.join("bindings/mine")).unwrap();
        fs::copy(dir.join("bindings/types.rs"), &leftover).unwrap();
        is_silent(tlc(&dir, ["generate"]));
        assert!(!dir.join("bindings/old").exists());
        assert!(
            dir.join("bindings/mine").exists(),
            "nothing was generated into it"
        );
    }

    #[test]
    fn a_file_in_place_of_the_directory_is_named() {
        let dir = project("generate_into_file");
        fs::write(dir.join("out"), "mine").unwrap();
        for check in [&[][..], &["--check"]] {
            let arguments = ["generate", "schema.tl", "--out", "out"];
            tlc(&dir, arguments.iter().chain(check).copied())
                .assert()
                .code(2)
                .stdout_eq("")
                .stderr_eq("error: out is a file; name the directory to generate into\n");
        }
        assert_eq!(fs::read_to_string(dir.join("out")).unwrap(), "mine");
    }

    #[test]
    fn bindings_do_not_lie_within_each_other() {
        let dir = project("generate_nested");
        let table = |out| format!("[[bindings]]\nschemas = [\"schema.tl\"]\nout = \"{out}\"\n");
        for outs in [["a", "a/b"], ["a/b", "a"]] {
            fs::write(dir.join("tl.toml"), outs.map(table).concat()).unwrap();
            tlc(&dir, ["generate"]).assert().code(2).stderr_eq(
                "error: tl.toml: the `out` a/b lies within another, a: put them side by side\n",
            );
        }
        fs::write(dir.join("tl.toml"), ["a", "ab"].map(table).concat()).unwrap();
        is_silent(tlc(&dir, ["generate"]));
    }

    #[test]
    fn errors_of_the_schema_exit_with_1_and_write_nothing() {
        let dir = project("generate_errors");
        fs::write(dir.join("schema.tl"), "user id:Missing = User;").unwrap();
        let before = fs::read(dir.join("bindings/types.rs")).unwrap();
        tlc(&dir, ["generate"]).assert().code(1).stdout_eq("");
        assert_eq!(fs::read(dir.join("bindings/types.rs")).unwrap(), before);
    }

    #[test]
    fn wrong_settings_exit_with_2() {
        let dir = project("generate_settings");
        for (arguments, stderr) in [
            (
                ["--only", "nothing.*"],
                str![[r#"
error: the pattern `nothing.*` matches no function, type or constructor of the schema; names are written as in TL, `messages.sendMessage`, and `*` stands for any text

"#]],
            ),
            (
                ["--runtime-path", "a b"],
                str![[r#"
error: `a b` is not a Rust path

"#]],
            ),
        ] {
            tlc(&dir, ["generate", "schema.tl", "--out", "other"])
                .args(arguments)
                .assert()
                .code(2)
                .stdout_eq("")
                .stderr_eq(stderr.raw());
        }
        for (settings, word) in [
            (
                "[[bindings]]\nschemas = []\nout = \"other\"\n",
                "no schema is given",
            ),
            ("[[bindings]]\nout = \"other\"\n", "schemas"),
            ("bindings = []\n", "nothing to generate"),
            (
                "[[bindings]]\nschemas = [\"schema.tl\"]\nout = \"other\"\ndialekt = \"raw\"\n",
                "did you mean `dialect`?",
            ),
        ] {
            fs::write(dir.join("tl.toml"), settings).unwrap();
            let output = tlc(&dir, ["generate"]).assert().code(2).stdout_eq("");
            let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
            assert!(stderr.contains(word), "{settings}\n{stderr}");
        }
        assert!(!dir.join("other").exists());
    }
}
