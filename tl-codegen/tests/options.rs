//! The bindings of `tests/fixtures/options`, each with options of its own, are what `tlc generate` makes of its `tl.toml`.
//!
//! `SNAPSHOTS=overwrite` writes them anew. The root package's test `options` compiles and uses them.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use fixtures::{is_overwriting, scratch_dir};
use snapbox::cmd::Command;
use tl_codegen::{Accessors, BytesType, Config, Dialect, Layout, Options, Strings, Unknown};

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

/// A schema of which every option makes something else.
const SCHEMA: &str = "
//@description A user
//@name The name; may be null
user flags:# id:long name:string photo:flags.0?bytes is_new:flags.1?true = User;
userEmpty id:long = User;
help.topicEmpty = Topic;
help.note text:string = Note;
---functions---
help.ask user:User = Topic;
";

fn tlc(dir: &Path) -> Command {
    Command::new(env!("CARGO_BIN_EXE_tlc"))
        .current_dir(dir)
        .arg("generate")
}

/// An option as a method, as a key of `tl.toml` and as a flag makes the same, and not what is made without it.
#[test]
fn methods_keys_and_flags_do_the_same() {
    type Method = fn(Config) -> Config;
    let options: [(Method, &str, &str); 26] = [
        (
            |c| c.dialect(Dialect::Telegram),
            "dialect = 'telegram'",
            "--dialect=telegram",
        ),
        (|c| c.trust_ids(true), "trust-ids = true", "--trust-ids"),
        (
            |c| c.runtime_path("crate::a"),
            "runtime-path = 'crate::a'",
            "--runtime-path=crate::a",
        ),
        (|c| c.no_std(true), "no-std = true", "--no-std"),
        (
            |c| c.derives(["Clone", "Eq"]),
            "derives = ['Clone', 'Eq']",
            "--derives=Clone,Eq",
        ),
        (
            |c| c.derive_each(true),
            "derive-each = true",
            "--derive-each",
        ),
        (
            |c| c.conversions(true),
            "conversions = true",
            "--conversions",
        ),
        (
            |c| c.boxed_structs(true),
            "boxed-structs = true",
            "--boxed-structs",
        ),
        (
            |c| c.docs_link("https://a.b/{name}"),
            "docs-link = 'https://a.b/{name}'",
            "--docs-link=https://a.b/{name}",
        ),
        (
            |c| c.only(["user*", "User"]),
            "only = ['user*', 'User']",
            "--only=user*,User",
        ),
        (
            |c| c.except(["help.ask"]),
            "except = ['help.ask']",
            "--except=help.ask",
        ),
        (
            |c| c.opaque(["help.*", "userEmpty"]),
            "opaque = ['help.*', 'userEmpty']",
            "--opaque=help.*,userEmpty",
        ),
        (
            |c| c.attributes("user", "#[derive(Eq, Hash)]"),
            "attributes = ['user = #[derive(Eq, Hash)]']",
            "--attribute=user=#[derive(Eq, Hash)]",
        ),
        (
            |c| c.redact(["id", "user.name"]),
            "redact = ['id', 'user.name']",
            "--redact=id,user.name",
        ),
        (
            |c| c.unknown(Unknown::Keep),
            "unknown = 'keep'",
            "--unknown=keep",
        ),
        (
            |c| c.strings(Strings::Bytes),
            "strings = 'bytes'",
            "--strings=bytes",
        ),
        (
            |c| c.accessors(Accessors::All),
            "accessors = 'all'",
            "--accessors=all",
        ),
        (
            |c| c.default_impls(true),
            "default-impls = true",
            "--default-impls",
        ),
        (|c| c.builders(2), "builders = 2", "--builders=2"),
        (
            |c| c.layout(Layout::Flat),
            "layout = 'flat'",
            "--layout=flat",
        ),
        (
            |c| c.nullable_docs(true),
            "nullable-docs = true",
            "--nullable-docs",
        ),
        (
            |c| c.bytes(BytesType::Bytes),
            "bytes = 'bytes'",
            "--bytes=bytes",
        ),
        (|c| c.borrowed(true), "borrowed = true", "--borrowed"),
        (|c| c.serde(true), "serde = true", "--serde"),
        (
            |c| c.read_functions(true),
            "read-functions = true",
            "--read-functions",
        ),
        (|c| c.dispatcher(true), "dispatcher = true", "--dispatcher"),
    ];
    let dir = scratch_dir("options");
    // Its id is another one by each rule, and right by none.
    let trusted = SCHEMA.replace("userEmpty", "userEmpty#1");
    fs::write(dir.join("schema.tl"), SCHEMA).unwrap();
    fs::write(dir.join("trusted.tl"), trusted).unwrap();
    let plain = Config::new().schema(dir.join("schema.tl")).generate();
    let plain = plain.unwrap().files;
    for (method, key, flag) in options {
        let schema = match key.starts_with("trust-ids") {
            true => "trusted.tl",
            false => "schema.tl",
        };
        let files = method(Config::new().schema(dir.join(schema))).generate();
        let files = files.unwrap().files;
        assert!(files != plain, "{key}");
        let toml = format!("[[bindings]]\nschemas = ['{schema}']\nout = 'by_key'\n{key}\n");
        fs::write(dir.join("tl.toml"), toml).unwrap();
        tlc(&dir).assert().success().stdout_eq("").stderr_eq("");
        let by_flag = tlc(&dir).args([schema, "--out", "by_flag", flag]);
        by_flag.assert().success().stdout_eq("").stderr_eq("");
        for out in ["by_key", "by_flag"] {
            assert_eq!(files.compare(&dir.join(out)).unwrap(), [], "{key}: {out}");
        }
    }
    // No option was forgotten here, nor in the book.
    let names = field_names();
    let keys: Vec<_> = options
        .iter()
        .map(|(_, key, _)| key.split_once(' ').unwrap().0.replace('-', "_"))
        .collect();
    assert_eq!(names, keys);
    let book = fs::read_to_string(fixtures::root().join("book/src/generate.md")).unwrap();
    for (_, key, flag) in options {
        let (key, flag) = (
            key.split_once(' ').unwrap().0,
            flag.split('=').next().unwrap(),
        );
        let row = format!("| `{}` | `{key} = ", key.replace('-', "_"));
        let row = book.lines().find(|line| line.starts_with(&row));
        assert!(
            row.is_some_and(|row| row.contains(&format!("| `{flag}` |"))),
            "{key}"
        );
    }
}

/// The fields of `Options`.
fn field_names() -> Vec<String> {
    let shown = format!("{:#?}", Options::default());
    let fields = shown
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    fields.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn values_that_there_are_not_are_errors() {
    let dir = scratch_dir("option_errors");
    fs::write(dir.join("schema.tl"), SCHEMA).unwrap();
    for (key, said) in [
        ("unknown = 'drop'", "unknown variant `drop`"),
        ("dialect = 'latin'", "unknown variant `latin`"),
        (
            "attributes = ['user']",
            "`user` has no `=` between a pattern and an attribute",
        ),
        (
            "attributes = ['user=must_use']",
            "`must_use` is no attribute",
        ),
        ("acessors = 'all'", "did you mean `accessors`?"),
        ("except = ['User']", "`User` is needed by `help.ask`"),
        (
            "redact = ['nothing']",
            "`nothing` of `redact` matches no field",
        ),
    ] {
        let toml = format!("[[bindings]]\nschemas = ['schema.tl']\nout = 'out'\n{key}\n");
        fs::write(dir.join("tl.toml"), toml).unwrap();
        let output = tlc(&dir).assert().code(2);
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(stderr.contains(said), "{key}: {stderr}");
        assert!(!dir.join("out").exists());
    }
}

/// Every Rust file below a directory.
fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false if path.extension().is_some_and(|end| end == "rs") => vec![path],
            false => Vec::new(),
        })
        .collect()
}
