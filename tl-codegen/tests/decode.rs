//! `tlc decode` and `tlc encode`, as a user runs them.
//!
//! Each session is a file `tests/fixtures/tools/NAME.txt`: commands behind a `$`, what they print, and how they exit when not
//! with 0. `SNAPSHOTS=overwrite` writes them anew.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;

use snapbox::cmd::{Command, OutputAssert};
use snapbox::data::DataFormat;
use snapbox::{Assert, Data};

/// `users.find` with two ids and a point, in hex.
const FIND: &str = "f0e0cee9 15c4b51c 02000000 01000000 02000000 000000000000f03f 00000000000000c0";

#[test]
fn bytes_become_json() {
    let point = "000000000000f03f, 0x00000000000000c0";
    assert_session(
        "decode",
        &[
            &["decode", "--schema", "app.tl", "--type", "geoPoint", point],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "Vector<text.plain>",
                "15c4b51c 01000000 02686900",
                "--compact",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--function",
                "users.find",
                FIND,
            ],
            &["decode", "--schema", "app.tl", FIND, "--compact"],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--result-of",
                "media.album.open",
                "b5757299",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--result-of",
                "invoke",
                "--call",
                r#"{"layer":1,"query":{"@type":"media.album.open","cover":{"@type":"media.album.cover","photo":{"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},"author":{"@type":"userEmpty","id":1}}}"#,
                "b5757299",
            ],
            &[
                "decode",
                "--schema",
                "layered.tl",
                "--layer",
                "8",
                "--type",
                "message",
                "07000000",
                "--compact",
            ],
            &[
                "decode",
                "--schema",
                "layered.tl",
                "--type",
                "message",
                "07000000 02686900",
                "--compact",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "user",
                "01000000 06000000 01410000",
                "--compact",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "int",
                "--many",
                "01000000 02000000",
            ],
        ],
    );
}

#[test]
fn json_becomes_bytes() {
    assert_session(
        "encode",
        &[
            &[
                "encode",
                "--schema",
                "app.tl",
                r#"{"@type":"users.find","ids":[1,2],"near":{"lat":1,"long":-2}}"#,
            ],
            &[
                "encode",
                "--schema",
                "app.tl",
                "--type",
                "Vector<user>",
                r#"[{"id":1,"premium":true}]"#,
            ],
            &[
                "encode",
                "--schema",
                "app.tl",
                "--result-of",
                "users.me",
                r#"{"@type":"usr","id":1}"#,
            ],
            &[
                "encode",
                "--schema",
                "app.tl",
                r#"{"@type":"users.find","ids":[1,"x"],"near":null}"#,
            ],
            &[
                "encode",
                "--schema",
                "app.tl",
                "--type",
                "fixed",
                r#"{"hash":[1,2,3]}"#,
            ],
            &["encode", "--schema", "app.tl", "{"],
        ],
    );
}

#[test]
fn errors_show_the_way_and_the_byte() {
    assert_session(
        "decode_errors",
        &[
            &["decode", "--schema", "app.tl", &FIND[..62]],
            &[
                "decode",
                "--schema",
                "app.tl",
                &FIND.replace("02000000 01000000", "02000080 01000000"),
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "int",
                "01000000 02000000",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "int",
                "--many",
                "01000000 02",
            ],
            &["decode", "--schema", "app.tl", "78563412 00000000"],
            &[
                "decode",
                "--schema",
                "app.tl",
                "78563412 00000000",
                "--keep-unknown",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "user",
                "01000000 80000000",
                "--strict",
            ],
            &["decode", "--schema", "app.tl", "--type", "text.Texd", "00"],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--function",
                "users.find",
                "no hex",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--result-of",
                "invoke",
                "00",
            ],
            &[
                "decode",
                "--schema",
                "broken.tl",
                "00",
                "--message-format",
                "short",
            ],
            &[
                "decode",
                "--schema",
                "app.tl",
                "--type",
                "int",
                "--function",
                "users.me",
                "00",
            ],
        ],
    );
}

#[test]
fn files_and_standard_input_hold_hex_or_bytes() {
    let dir = fixtures::scratch_dir("decode_files");
    let path = |name: &str| dir.join(name).to_str().expect("UTF-8").to_owned();
    let bytes = [1, 0, 0, 0, 0x30, 0x31, 0x32, 0x33];
    fs::write(path("bytes.bin"), bytes).expect("written");
    fs::write(path("bytes.hex"), "0x01 00 00 00\n30313233\n").expect("written");
    // Digits alone may be either.
    fs::write(path("digits.bin"), "30313233").expect("written");
    let decode = |ty: &str, input: &str, more: &[&str]| {
        let arguments = [
            "decode",
            "--compact",
            "--schema",
            "app.tl",
            "--type",
            ty,
            input,
        ];
        tlc(&[&arguments[..], more].concat())
    };
    for name in ["bytes.bin", "bytes.hex"] {
        decode("long", &path(name), &[])
            .success()
            .stdout_eq("\"3689065126998048769\"\n");
    }
    decode("int", &path("digits.bin"), &[])
        .success()
        .stdout_eq("858927408\n");
    decode("long", &path("digits.bin"), &["--form", "binary"])
        .success()
        .stdout_eq("\"3689347715196727347\"\n");
    decode("long", &path("bytes.bin"), &["--form", "hex"]).code(2);

    let arguments = ["decode", "--schema", "app.tl", "--type", "long", "-"];
    let piped = command(&arguments).stdin(Data::binary(bytes)).assert();
    piped.success().stdout_eq("\"3689065126998048769\"\n");

    let written = path("written.bin");
    tlc(&[
        "encode",
        "--schema",
        "app.tl",
        "--type",
        "long",
        "3689065126998048769",
        "--out",
        &written,
    ])
    .success()
    .stdout_eq("");
    assert_eq!(fs::read(written).expect("it is there"), bytes);
    fs::write(path("value.json"), "7\n").expect("written");
    tlc(&[
        "encode",
        "--schema",
        "app.tl",
        "--type",
        "int",
        &path("value.json"),
    ])
    .success()
    .stdout_eq("07000000\n");
}

#[track_caller]
fn assert_session(name: &str, commands: &[&[&str]]) {
    let mut session = String::new();
    for command in commands {
        let ended = tlc(command);
        let output = ended.get_output();
        let quoted: Vec<_> = command.iter().map(|word| quoted(word)).collect();
        session.push_str(&format!("$ tlc {}\n", quoted.join(" ")));
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

/// A word as one types it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    match word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{word}'"),
    }
}

fn tlc(arguments: &[&str]) -> OutputAssert {
    command(arguments).assert()
}

fn command(arguments: &[&str]) -> Command {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(fixtures::dir("tools"))
        .args(arguments)
}
