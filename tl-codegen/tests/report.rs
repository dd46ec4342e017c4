//! The renderers, each on the same findings: several files and places, a fix, text that is not ASCII, the end of a file,
//! a place without a label. Their outputs are `tests/fixtures/report/*.txt`; `SNAPSHOTS=overwrite` writes them anew.

#[path = "support/fixtures.rs"]
mod fixtures;

use snapbox::data::DataFormat;
use snapbox::{Assert, Data};
use tl_codegen::report::{github, human, json, short};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::span::{FileId, Sources, Span};

#[test]
fn human_shows_the_lines_with_carets() {
    assert_golden("human", |sources, one| human::render(sources, one, false));
}

#[test]
fn human_cuts_long_lines_and_leaves_out_what_lies_between_far_places() {
    let definition = "some x:nothing = Some; ";
    let line = definition.repeat(2_000);
    let text = format!("first = F;\n{line}\n{}last = L;\n", "// a\n".repeat(5_000));
    let mut sources = Sources::new();
    let file = sources.add("long.tl", text.as_str()).unwrap();
    let at = |start: usize, len: usize| Span::new(file, start as u32, (start + len) as u32);
    let place = 11 + 1_000 * definition.len() + 7;
    let finding = |span| Diagnostic::new(Code::UnknownType, span, "unknown").label("here");
    let diagnostics = [
        finding(at(place, 7)),
        finding(at(place, 20_000)).label("all of it"),
        finding(at(text.len() - 10, 4))
            .also(at(0, 5), "first")
            .also(at(11, 4), "second"),
    ];
    for styled in [false, true] {
        let shown = diagnostics
            .iter()
            .map(|one| human::render(&sources, one, styled));
        let name = if styled {
            "long-styled.txt"
        } else {
            "long.txt"
        };
        let golden = Data::read_from(&fixtures::dir("report").join(name), Some(DataFormat::Text));
        let shown = Data::text(shown.collect::<String>());
        Assert::new()
            .action_env("SNAPSHOTS")
            .eq(shown.raw(), golden.raw());
    }
}

#[test]
fn human_has_colors_at_a_terminal() {
    let (sources, diagnostics) = findings();
    let styled = human::render(&sources, &diagnostics[0], true);
    let plain = human::render(&sources, &diagnostics[0], false);
    assert!(styled.contains("\u{1b}[") && !plain.contains('\u{1b}'));
}

#[test]
fn short_is_a_line_for_each_place() {
    assert_golden("short", short::render);
}

#[test]
fn json_is_one_object_a_line_with_everything_in_it() {
    assert_golden("json", json::render);
    let (sources, diagnostics) = findings();
    for diagnostic in &diagnostics {
        let line = json::render(&sources, diagnostic);
        assert_eq!(line.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["code"], diagnostic.code.to_string());
        let places = value["secondary"].as_array().unwrap().len();
        assert_eq!(places, diagnostic.secondary.len());
    }
}

#[test]
fn github_is_one_command_a_line_with_its_escapes() {
    assert_golden("github", github::render);
    let (sources, diagnostics) = findings();
    for diagnostic in &diagnostics {
        let line = github::render(&sources, diagnostic);
        assert_eq!(line.matches('\n').count(), 1);
        let (properties, _) = line.trim_start_matches("::").split_once("::").unwrap();
        assert_eq!(properties.matches(',').count(), 5, "{properties}");
        assert!(!properties.contains(':'), "{properties}");
    }
}

#[track_caller]
fn assert_golden(name: &str, render: impl Fn(&Sources, &Diagnostic) -> String) {
    let (sources, diagnostics) = findings();
    let text: String = diagnostics
        .iter()
        .map(|diagnostic| render(&sources, diagnostic))
        .collect();
    let golden = fixtures::dir("report").join(format!("{name}.txt"));
    Assert::new()
        .action_env(snapbox::assert::DEFAULT_ACTION_ENV)
        .eq(
            Data::text(text),
            Data::read_from(&golden, Some(DataFormat::Text)).raw(),
        );
}

const FIRST: &str = "user id:long = User; // größer\nчат = Chat;\r\nchat id:long = Chat;\n";
const SECOND: &str = "user id:long\nname:string = User";

fn findings() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let first = sources.add("first.tl", FIRST).expect("small");
    let second = sources.add("odd: 100%, a b.tl", SECOND).expect("small");
    let at = |file: FileId, text: &str| {
        let source = if file == first { FIRST } else { SECOND };
        let start = source.find(text).expect("in the text") as u32;
        Span::new(file, start, start + text.len() as u32)
    };
    let end = Span::new(second, SECOND.len() as u32, SECOND.len() as u32);
    let diagnostics = vec![
        Diagnostic::new(
            Code::DuplicateName,
            at(second, "user"),
            "`user` is defined twice",
        )
        .label("defined again here")
        .also(at(first, "user"), "first defined here")
        .also(at(first, "Chat;\n"), "")
        .help("rename one of them"),
        Diagnostic::new(Code::MissingSemicolon, end, "expected `;` after `User`")
            .label("the definition ends here")
            .fix(end, ";"),
        Diagnostic::new(
            Code::UnknownCharacter,
            at(first, "чат"),
            "unknown characters `чат`",
        ),
        Diagnostic::new(
            Code::UnusedImplicit,
            at(second, "id:long\nname:string"),
            "both lines, 100% sure: they are one",
        )
        .label("over two lines"),
        Diagnostic::new(Code::KnownIdException, at(first, "id:long"), "a note"),
    ];
    (sources, diagnostics)
}
