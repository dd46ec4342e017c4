//! `tlc list`, `tlc show`, `tlc explain` and the message formats, as a user runs them.
//!
//! Each test is a session in `tests/fixtures/tools/NAME.txt`: commands behind a `$`, what they print, and how they exit when
//! not with 0. `SNAPSHOTS=overwrite` writes the sessions anew.

#[path = "support/fixtures.rs"]
mod fixtures;

use snapbox::cmd::{Command, OutputAssert};
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};
use tl_parser::diagnostic::Code;

#[test]
fn list_writes_definitions_in_source_order_as_the_formatter_does() {
    assert_session("list", &["list app.tl", "list app.tl layered.tl --name m*"]);
}

#[test]
fn list_filters_by_name_type_namespace_and_kind() {
    assert_session(
        "list_filters",
        &[
            "list app.tl --name users.*",
            "list app.tl --type User",
            "list app.tl --type *User* --kind functions",
            "list app.tl --namespace media",
            "list app.tl --namespace media.album --kind constructors",
            "list app.tl --namespace med",
            "list app.tl --kind types",
            "list app.tl --kind types --name text.*",
        ],
    );
    tlc(&["list", "app.tl", "--kind", "functions", "--namespace", ""])
        .success()
        .stdout_eq("invoke {X:Type} layer:int query:!X = X;\n");
}

#[test]
fn list_shows_a_layer_as_it_stood() {
    assert_session(
        "list_layers",
        &[
            "list layered.tl --type Old",
            "list layered.tl --layer 3",
            "list layered.tl --layer 8",
            "list layered.tl --layer 17",
            "list layered.tl --layer 99 --name message*",
            "list app.tl --layer 99 --name users.*",
        ],
    );
}

#[test]
fn list_writes_json_lines() {
    assert_session(
        "list_json",
        &[
            "list app.tl --name user --format json",
            "list app.tl --name User --kind types --format json",
            "list layered.tl --name messageService --format json",
            "list app.tl --name invoke --format json",
        ],
    );
}

#[test]
fn a_schema_with_errors_is_shown_as_far_as_it_goes() {
    assert_session(
        "broken",
        &[
            "list broken.tl --message-format short",
            "show User broken.tl --message-format short",
        ],
    );
}

#[test]
fn show_tells_all_about_a_name() {
    assert_session(
        "show",
        &[
            "show User app.tl",
            "show user app.tl",
            "show geoPoint app.tl",
            "show text.Text app.tl",
            "show media.photo app.tl",
            "show fixed app.tl",
            "show invoke app.tl",
            "show media.album.open app.tl --reach",
        ],
    );
}

#[test]
fn show_knows_layers_and_built_in_types() {
    assert_session(
        "show_layers",
        &[
            "show message layered.tl",
            "show message layered.tl --layer 8",
            "show messageService layered.tl --layer 8",
            "show double app.tl",
            "show Bool app.tl",
        ],
    );
}

#[test]
fn show_guesses_what_a_name_was_meant_to_be() {
    assert_session(
        "show_misses",
        &[
            "show geoPiont app.tl",
            "show find app.tl",
            "show nobody app.tl",
        ],
    );
}

#[test]
fn findings_come_in_every_message_format() {
    assert_session(
        "message_formats",
        &[
            "check broken.tl",
            "check broken.tl --message-format short",
            "check broken.tl --message-format json",
            "check broken.tl --message-format github",
        ],
    );
}

#[test]
fn explain_lists_every_code() {
    let expected = |code: &Code| format!("{code} {}\n", code.title());
    let expected: String = Code::ALL.iter().map(expected).collect();
    tlc(&["explain"])
        .success()
        .stderr_eq("")
        .stdout_eq(expected);
}

#[test]
fn explain_tells_a_story_however_the_code_is_written() {
    for word in ["TL0007", "tl7", "7", "Tl07"] {
        let story = Code::NumberTooLarge.explanation();
        tlc(&["explain", word])
            .success()
            .stderr_eq("")
            .stdout_eq(Data::text(story).raw());
    }
}

#[test]
fn explain_of_an_unknown_code_helps() {
    assert_session("explain_misses", &["explain TL9999", "explain unknown"]);
    for word in ["E0001", "", "-1", "tltl7", "+7", "TL"] {
        tlc(&["explain", "--", word]).code(2).stdout_eq("");
    }
}

#[track_caller]
fn assert_session(name: &str, commands: &[&str]) {
    let mut session = String::new();
    for command in commands {
        let ended = tlc(&command.split(' ').collect::<Vec<_>>());
        let output = ended.get_output();
        session.push_str(&format!("$ tlc {command}\n"));
        session.push_str(str::from_utf8(&output.stdout).expect("UTF-8"));
        session.push_str(str::from_utf8(&output.stderr).expect("UTF-8"));
        match output.status.code() {
            Some(0) => session.push('\n'),
            code => session.push_str(&format!("exit {}\n\n", code.expect("no signal"))),
        }
    }
    let golden = fixtures::dir("tools").join(format!("{name}.txt"));
    Assert::new()
        .action_env(snapbox::assert::DEFAULT_ACTION_ENV)
        .eq(
            Data::text(session),
            Data::read_from(&golden, Some(DataFormat::Text)).raw(),
        );
}

fn tlc(arguments: &[&str]) -> OutputAssert {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(fixtures::dir("tools"))
        .args(arguments)
        .assert()
}
