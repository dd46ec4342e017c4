//! `tlc export`, and that every form it writes is accepted wherever a schema is expected.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};

use fixtures::{root, scratch_dir};
use serde_json::Value;
use snapbox::cmd::Command;
use snapbox::str;
use tl_codegen::Config;

const FORMS: [&str; 5] = ["tlo2", "tlo3", "tlo4", "json", "tl"];

fn tlc(dir: impl AsRef<Path>, arguments: &[&str]) -> Command {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(dir)
        .args(arguments)
}

/// Exports a schema of the repository and says where to.
#[track_caller]
fn export(schema: &str, form: &str, dir: &Path) -> PathBuf {
    let out = dir.join(format!("exported.{form}"));
    let path = out.to_str().expect("it is a plain path");
    let arguments = ["export", "--format", form, schema, "--out", path];
    tlc(root(), &arguments).assert().success().stdout_eq("");
    out
}

#[test]
fn every_form_of_a_schema_generates_the_same_items() {
    let dir = scratch_dir("export_generate");
    let items = |path: PathBuf| {
        let output = Config::new().schema(path).generate().expect("it generates");
        let mut items = output.items;
        items.sort_by(|one, other| one.rust_path.cmp(&other.rust_path));
        items
    };
    for schema in ["schemas/api.tl", "schemas/mtproto.tl"] {
        let expected = items(root().join(schema));
        for form in FORMS {
            assert_eq!(
                items(export(schema, form, &dir)),
                expected,
                "{schema} as {form}"
            );
        }
    }
}

#[test]
fn every_form_is_accepted_by_every_subcommand() {
    let dir = scratch_dir("export_accept");
    for form in FORMS {
        let path = export("schemas/mtproto.tl", form, &dir);
        let path = path.to_str().expect("it is a plain path");
        for arguments in [
            &["check", path][..],
            &["list", path],
            &["ids", path],
            &["show", "resPQ", path],
        ] {
            tlc(root(), arguments).assert().success();
        }
        // A form is lost only on request.
        let again = ["export", "--format", form, path];
        let output = tlc(root(), &again)
            .assert()
            .success()
            .get_output()
            .stdout
            .clone();
        assert!(
            output == fs::read(path).expect("it was written"),
            "{form} of {form}"
        );
    }
}

#[test]
fn only_text_is_formatted() {
    let dir = scratch_dir("export_fmt");
    for form in ["tlo2", "json"] {
        let path = export("schemas/mtproto.tl", form, &dir);
        let before = fs::read(&path).expect("it was written");
        let path = path.to_str().expect("it is a plain path");
        let output = tlc(root(), &["fmt", path])
            .assert()
            .code(2)
            .get_output()
            .stderr
            .clone();
        assert!(String::from_utf8_lossy(&output).contains("this is no TL text"));
        assert!(fs::read(path).expect("it is still there") == before);
    }
}

#[test]
fn json_has_the_shape_of_the_official_pages() {
    let output = tlc(root(), &["export", "--format", "json", "schemas/api.tl"]);
    let output = output.assert().success().get_output().stdout.clone();
    let text = String::from_utf8(output).expect("it is UTF-8");
    assert!(text.starts_with(
        r#"{"constructors":[{"id":"-1132882121","predicate":"boolFalse","params":[],"type":"Bool"},{"id":"-1720552011","predicate":"boolTrue","params":[],"type":"Bool"},{"id":"1072550713","predicate":"true","params":[],"type":"True"},{"id":"481674261","predicate":"vector","params":[],"type":"Vector t"},{"id":"-994444869","predicate":"error","params":[{"name":"code","type":"int"},{"name":"text","type":"string"}],"type":"Error"},"#
    ));
    let all: Value = serde_json::from_str(&text).expect("it is JSON");
    let methods = all["methods"].as_array().expect("there are methods");
    let with_layer = methods
        .iter()
        .find(|one| one["method"] == "invokeWithLayer");
    let expected = r#"{"id":"-627372787","method":"invokeWithLayer","params":[{"name":"layer","type":"int"},{"name":"query","type":"!X"}],"type":"X"}"#;
    assert_eq!(with_layer, serde_json::from_str(expected).ok().as_ref());
}

#[test]
fn layers_are_in_json_and_tlo_holds_one_of_them() {
    let dir = scratch_dir("export_layers");
    let text =
        "===1===\nuser id:int = User;\n\n===2===\nuser id:long = User;\npet user:User = Pet;\n";
    fs::write(dir.join("a.tl"), text).expect("it can be written");
    let json = ["export", "--format", "json", "a.tl"];
    tlc(&dir, &json).assert().success().stdout_eq(str![[r#"
{"constructors":[{"id":"516044382","predicate":"user","params":[{"name":"id","type":"int"}],"type":"User","layer":1},{"id":"1961209213","predicate":"user","params":[{"name":"id","type":"long"}],"type":"User","layer":2},{"id":"-1151874143","predicate":"pet","params":[{"name":"user","type":"User"}],"type":"Pet","layer":2}],"methods":[]}

"#]]);
    let old = [
        "export", "--format", "tlo2", "--layer", "1", "a.tl", "--out", "old.tlo",
    ];
    tlc(&dir, &old).assert().success();
    tlc(&dir, &["export", "--format", "tl", "old.tlo"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
int#a8509bda ? = Int;
user#1ec2365e id:int = User;

"#]]);
    tlc(
        &dir,
        &["export", "--format", "json", "--layer", "1", "a.tl"],
    )
    .assert()
    .code(2)
    .stderr_eq("error: --layer is for TLO: the other forms say layers themselves\n");
}

#[test]
fn the_date_is_the_callers_business() {
    let bytes = |arguments: &[&str]| {
        let all = [
            &["export", "--format", "tlo4", "schemas/mtproto.tl"],
            arguments,
        ]
        .concat();
        tlc(root(), &all)
            .assert()
            .success()
            .get_output()
            .stdout
            .clone()
    };
    assert_eq!(bytes(&[])[8..12], [0; 4]);
    assert_eq!(bytes(&["--date", "258"])[8..12], [2, 1, 0, 0]);
}

#[test]
fn a_schema_with_errors_is_not_written() {
    let dir = scratch_dir("export_errors");
    fs::write(dir.join("a.tl"), "user id:Missing = User;").expect("it can be written");
    let arguments = ["export", "--format", "tlo2", "a.tl", "--out", "a.tlo"];
    tlc(&dir, &arguments).assert().code(1).stdout_eq("");
    assert!(!dir.join("a.tlo").exists());
}

#[test]
fn what_a_form_has_no_way_to_say_is_an_error() {
    let dir = scratch_dir("export_inexpressible");
    let text = "tuple {t:Type} {n:#} [ t ] = Tuple t n;\nset mask:# all:mask?int = Set;\n";
    fs::write(dir.join("a.tl"), text).expect("it can be written");
    tlc(&dir, &["export", "--format", "json", "a.tl"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq("error: JSON has no place for the implicit arguments of `tuple`\n");
    tlc(&dir, &["export", "--format", "tlo2", "a.tl"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq("error: `set` can't be written as TLO: a condition must name a bit\n");
}

#[test]
fn malformed_files_are_told_with_their_names_and_places() {
    let dir = scratch_dir("export_malformed");
    fs::write(dir.join("a.tlo"), b"\xe2\x9b\x2f\x3a\0\0\0\0").expect("it can be written");
    fs::write(dir.join("a.json"), "{\"constructors\": [{}]}").expect("it can be written");
    tlc(&dir, &["check", "a.tlo"])
        .assert()
        .code(2)
        .stderr_eq("error: a.tlo: malformed TLO at byte 8: the file ends too early\n");
    tlc(&dir, &["check", "a.json"])
        .assert()
        .code(2)
        .stderr_eq("error: a.json: not a schema in JSON: missing field `id` at line 1 column 20\n");
}
