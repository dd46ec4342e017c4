//! Properties of every schema, whatever its text: what is printed reads back as the same tree, formatting is stable, and
//! no input makes [`read`] panic or overflow a small stack, and large ones take bounded time.
//!
//! All input comes from seeded generators, so that a failure comes again.

#[path = "support/mod.rs"]
mod support;

use std::fs;

use support::generate::{Generator, XorShift};
use support::{fixtures, without_spans, workspace};
use tl_parser::diagnostic::Code;
use tl_parser::schema::{Dialect, Options, Reading, id, read};
use tl_parser::span::{FileId, Sources};
use tl_parser::syntax::ast::{File, Item};
use tl_parser::syntax::{parse, print};

/// Seeds of the generators. Add one here that has found something.
const SEEDS: [u64; 4] = [
    0x9e37_79b9_7f4a_7c15,
    0x2545_f491_4f6c_dd1d,
    0x1234_5678_9abc_def1,
    0x0dae_54f8_7298_4b67,
];

#[test]
fn what_is_printed_reads_back_as_the_same_tree() {
    for seed in SEEDS {
        let mut generator = Generator::new(seed);
        for _ in 0..500 {
            let file = generator.file();
            let text = print::format(&file, "");
            let parsed = parse(FileId(0), &text);
            assert_eq!(parsed.diagnostics, [], "{text}");
            assert_eq!(without_spans(&parsed.file), without_spans(&file), "{text}");
            assert_eq!(ids(&parsed.file), ids(&file), "{text}");
        }
    }
}

#[test]
fn formatting_undoes_any_layout_and_is_stable() {
    for seed in SEEDS {
        let mut generator = Generator::new(seed);
        let mut random = XorShift(seed.rotate_left(17));
        for _ in 0..300 {
            let file = generator.file();
            let (text, comments) = spread(&print::format(&file, ""), &mut random);
            let parsed = parse(FileId(0), &text);
            assert_eq!(parsed.diagnostics, [], "{text}");
            assert_eq!(without_spans(&parsed.file), without_spans(&file), "{text}");
            assert_eq!(parsed.file.comments.len(), comments, "{text}");
            let formatted = print::format(&parsed.file, &text);
            let again = parse(FileId(0), &formatted);
            assert_eq!(again.diagnostics, [], "{formatted}");
            assert_eq!(
                without_spans(&again.file),
                without_spans(&file),
                "{formatted}"
            );
            assert_eq!(again.file.comments.len(), comments, "{formatted}");
            assert_eq!(print::format(&again.file, &formatted), formatted, "{text}");
        }
    }
}

/// The same tokens with other blanks between them, and with comments: the text, and how many comments it has.
fn spread(text: &str, random: &mut XorShift) -> (String, usize) {
    const BLANKS: [&str; 12] = [
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\n\n\n",
        " /* c */ ",
        "/**/",
        " // c; = \n",
        "//\n",
    ];
    let mut comments = 0;
    let mut out = String::new();
    for blank in text.split(' ') {
        for (index, line) in blank.split('\n').enumerate() {
            if index > 0 || !out.is_empty() {
                let chosen = BLANKS[random.below(BLANKS.len())];
                comments += usize::from(chosen.contains('/'));
                out.push_str(chosen);
            }
            out.push_str(line);
        }
    }
    (out, comments)
}

fn ids(file: &File<'_>) -> Vec<(u32, u32)> {
    let of_item = |item: &Item<'_>| match item {
        Item::Combinator(combinator) => {
            let by = |dialect| id::computed_id(combinator, dialect);
            Some((by(Dialect::Raw), by(Dialect::Telegram)))
        }
        _ => None,
    };
    file.items.iter().filter_map(of_item).collect()
}

#[test]
fn generated_schemas_never_panic_whatever_their_names_mean() {
    for seed in SEEDS {
        let mut generator = Generator::new(seed);
        for _ in 0..200 {
            check(&print::format(&generator.file(), ""));
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    for seed in SEEDS {
        let mut random = XorShift(seed);
        for _ in 0..500 {
            let len = random.below(300);
            let bytes = (0..len).map(|_| random.below(256) as u8).collect();
            check_bytes(bytes);
        }
    }
}

#[test]
fn random_tokens_never_panic() {
    for seed in SEEDS {
        let mut random = XorShift(seed);
        for _ in 0..2_000 {
            let len = random.below(40);
            let tokens = (0..len).map(|_| TOKENS[random.below(TOKENS.len())]);
            check(&tokens.collect::<String>());
        }
    }
}

#[test]
fn fixtures_with_random_changes_never_panic() {
    let texts: Vec<_> = fixtures("tests/fixtures/language")
        .iter()
        .chain(&fixtures("tests/fixtures/errors"))
        .map(|fixture| fixture.text().into_bytes())
        .collect();
    for seed in SEEDS {
        let mut random = XorShift(seed);
        for _ in 0..1_000 {
            let mut bytes = texts[random.below(texts.len())].clone();
            for _ in 0..=random.below(4) {
                mutate(&mut bytes, &texts, &mut random);
            }
            check_bytes(bytes);
        }
    }
}

/// One change: some bytes go, others or a token come, or a piece of another text.
fn mutate(bytes: &mut Vec<u8>, texts: &[Vec<u8>], random: &mut XorShift) {
    let start = random.below(bytes.len() + 1);
    let end = (start + random.below(8)).min(bytes.len());
    let new: Vec<u8> = match random.below(5) {
        0 => Vec::new(),
        1 => vec![random.below(256) as u8],
        2 => bytes[start..end].repeat(2),
        3 => {
            let other = &texts[random.below(texts.len())];
            let from = random.below(other.len() + 1);
            let to = (from + random.below(60)).min(other.len());
            other[from..to].to_vec()
        }
        _ => TOKENS[random.below(TOKENS.len())].into(),
    };
    bytes.splice(start..end, new);
}

#[test]
fn a_small_stack_is_enough() {
    on_a_small_stack(|| {
        let mut generator = Generator::new(SEEDS[0]);
        let mut random = XorShift(SEEDS[1]);
        let texts: Vec<_> = fixtures("tests/fixtures/language")
            .iter()
            .map(|fixture| fixture.text().into_bytes())
            .collect();
        for text in &texts {
            check_bytes(text.clone());
        }
        for _ in 0..100 {
            check(&print::format(&generator.file(), ""));
            let mut bytes = texts[random.below(texts.len())].clone();
            mutate(&mut bytes, &texts, &mut random);
            check_bytes(bytes);
        }
    });
}

#[test]
fn brackets_nest_deep_on_a_small_stack() {
    on_a_small_stack(|| {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("{", "}"),
            ("<", ">"),
            ("Vector<", ">"),
            ("%", ""),
            ("!", ""),
            ("1+", ""),
            ("n*[", "]"),
            ("x:[", "]"),
            ("(n+1)*[ ", "]"),
            ("{x:", "}"),
            ("(x:", ")"),
            ("(Vector ", ")"),
            ("%(Vector ", ")"),
            ("(f.0?", ")"),
            ("Vector<%(Vector ", ")>"),
            ("/*", "*/"),
        ] {
            for before in ["", "a n:# ", "a n:# x:", "a n:# = T ", "Vector "] {
                for depth in [90, 100, 101] {
                    let (open, close) = (open.repeat(depth), close.repeat(depth));
                    check(&format!("{before}{open}int{close} = A;\nb = B;\n"));
                    check(&format!("{before}{open}"));
                }
            }
            let (open, close) = (open.repeat(100_000), close.repeat(100_000));
            check(&format!("a n:# x:{open}int{close} = A;\nb = B;\n"));
            check(&open);
        }
    });
}

#[test]
fn what_the_fuzzers_found_stays_mended() {
    let folder = workspace().join("tests/fixtures/fuzz");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be read").path();
        check_bytes(fs::read(&path).expect("the input can be read"));
        count += 1;
    }
    assert!(count > 0);
}

/// Long chains, rings, fans and lists.
#[test]
fn large_schemas_of_many_shapes_take_no_stack() {
    let count = 20_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let shapes = [
        ("chain", lines(&|n| format!("a{n} x:A{} = A{n};\n", n + 1))),
        (
            "ring",
            lines(&|n| format!("a{n} x:a{} = A{n};\n", (n + 1) % count)),
        ),
        ("fan", lines(&|n| format!("a{n} x:A = A;\n"))),
        ("unknown", lines(&|n| format!("a{n} x:B{n} = A;\n"))),
        ("twice", lines(&|n| format!("a{} = A;\n", n / 2))),
        ("ids", lines(&|n| format!("a{n}#1 = A;\n"))),
        ("layers", lines(&|n| format!("==={n}===\na = A;\n"))),
        ("sections", lines(&|_| "---functions---\n".to_owned())),
        (
            "comments",
            lines(&|n| format!("// LAYER {n}\n//@a b\n//- c\n")),
        ),
        (
            "marks",
            lines(&|_| "Final A;\nNew A;\nVector int;\n".to_owned()),
        ),
        (
            "generic",
            lines(&|n| format!("a{n} {{X:Type}} x:(A{} (A{} X)) = A{n} X;\n", n + 1, n + 2)),
        ),
    ];
    on_a_small_stack(move || {
        for (name, text) in shapes {
            let combinators = read_text(&text).schema.combinators().count();
            assert!(combinators <= 2 * count, "{name}: {combinators}");
        }
    });
}

/// A debug build reads 10 MB, which takes it three seconds.
#[test]
fn a_file_of_fifty_megabytes_is_read() {
    let megabytes = if cfg!(debug_assertions) { 10 } else { 50 };
    on_a_small_stack(move || {
        let mut text = String::with_capacity((megabytes << 20) + 200);
        let mut count = 0;
        while text.len() < megabytes << 20 {
            text.push_str(&format!(
                "ns{}.item{count} flags:# id:long name:flags.3?string of:(Vector ns{}.Item{}) n:# n*[ x:int y:%Point ] = ns{}.Item{count};\n",
                count % 50,
                (count / 2) % 50,
                count / 2,
                count % 50,
            ));
            count += 1;
        }
        text.push_str("point x:int y:int = Point;\n");
        let reading = read_text(&text);
        // Of so many ids some are the same by chance.
        let mut others = reading.diagnostics.iter();
        assert_eq!(others.find(|other| other.code != Code::DuplicateId), None);
        let own = reading.schema.combinators();
        assert_eq!(
            own.filter(|(_, combinator)| !combinator.is_prelude).count(),
            count + 1
        );
    });
}

/// Runs with as little stack as a thread of a server has.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(test)
        .expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn read_text(text: &str) -> Reading {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("it is small enough");
    let mut readings = read(&sources, &Options::default());
    assert_eq!(readings.len(), 1);
    readings.remove(0)
}

fn check(text: &str) {
    check_bytes(text.as_bytes().to_vec());
}

/// Whatever the bytes: every finding points into the text and says something, and what has none survives the formatter.
fn check_bytes(bytes: Vec<u8>) {
    let mut sources = Sources::new();
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned();
    sources.add_bytes("a.tl", bytes).expect("it is small");
    for reading in read(&sources, &Options::default()) {
        let found = &reading.diagnostics;
        assert!(
            found.is_sorted_by_key(|diagnostic| diagnostic.primary.span),
            "{shown}"
        );
        for diagnostic in found {
            assert!(!diagnostic.message.is_empty(), "{shown}");
            let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            let fixes = diagnostic.fix.iter().map(|fix| fix.span);
            for span in labels.map(|label| label.span).chain(fixes) {
                let text = sources.file(span.file).text();
                assert!(text.get(span.range()).is_some(), "{shown}: {diagnostic:?}");
            }
        }
    }
    let (_, source) = sources.iter().next().expect("there is one");
    let parsed = parse(FileId(0), source.text());
    if parsed.diagnostics.is_empty() {
        let formatted = print::format(&parsed.file, source.text());
        let again = parse(FileId(0), &formatted);
        assert_eq!(again.diagnostics, [], "{shown}");
        assert_eq!(
            without_spans(&again.file),
            without_spans(&parsed.file),
            "{shown}"
        );
        assert_eq!(ids(&again.file), ids(&parsed.file), "{shown}");
        assert_eq!(print::format(&again.file, &formatted), formatted, "{shown}");
    }
}

const TOKENS: &[&str] = &[
    "a",
    "A",
    "b.c",
    "b.C",
    "_",
    "_x",
    "flags",
    "Final ",
    "New ",
    "Empty ",
    "types",
    "functions",
    "Type",
    "int",
    "Vector",
    "vector",
    "string",
    "true",
    "S",
    "#",
    "#12",
    "#123456789",
    "#1cb5c415",
    "0",
    "3",
    "32",
    "4294967295",
    "4294967296",
    ":",
    ":",
    ":#",
    ":Type",
    ";",
    ";",
    ";",
    "\n",
    "\n",
    " ",
    " ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "{X:Type}",
    "{n:#}",
    "<",
    ">",
    "---",
    "---functions---",
    "===",
    "===17===",
    "=",
    " = ",
    " = A;\n",
    "=>",
    "?",
    ".0?",
    "%",
    "+",
    "+1",
    ",",
    ".",
    "*",
    "*[ ",
    "!",
    "!X",
    "@",
    "@any ",
    "//",
    "//@description a @b c\n",
    "// LAYER 5\n",
    "/*",
    "*/",
    "/",
    "-",
    "é",
    "$",
    "\u{feff}",
    "\u{0}",
    "\r\n",
    "a = A;\n",
    "b#1 = B;",
];
