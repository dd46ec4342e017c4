//! Input made to hurt: deep nesting on a small stack, long chains, random bytes, quadratic traps.

use tl_parser::diagnostic::Code;
use tl_parser::syntax::print;

use crate::tree::{item, read, without_spans};

/// Runs with as little stack as a thread of a server has.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(test)
        .expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn brackets_nest_a_hundred_levels_and_no_more() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!(
            "a x:{}t{} = A;\nb = B;",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    on_a_small_stack(move || {
        for (open, close) in [
            ("(", ")"),
            ("%", ""),
            ("T<", ">"),
            ("[", "]"),
            ("n*[", "]"),
            ("n*[x:", "]"),
            ("%(T 1 ", ")"),
        ] {
            let depth = 100 / open.matches(['(', '%', '<', '[']).count();
            let text = nested(open, close, depth);
            let parsed = read(&text);
            assert_eq!(parsed.diagnostics, [], "{open}");
            assert_eq!(parsed.file.items.len(), 2);
            assert!(print::format(&parsed.file, &text).len() > depth);
            for too_many in [depth + 1, 100_000] {
                let text = nested(open, close, too_many);
                let parsed = read(&text);
                let codes: Vec<_> = parsed
                    .diagnostics
                    .iter()
                    .map(|diagnostic| diagnostic.code)
                    .collect();
                assert_eq!(codes, [Code::NestingTooDeep], "{open}");
                assert_eq!(
                    parsed.file.items.iter().map(item).collect::<Vec<_>>(),
                    ["b = B"]
                );
            }
        }
    });
}

#[test]
fn the_bracket_that_is_too_much_is_the_one_reported() {
    let text = format!("a x:{}t", "(".repeat(200));
    let diagnostic = &read(&text).diagnostics[0];
    assert_eq!(diagnostic.primary.span.range(), 104..105);
    assert_eq!(diagnostic.message, "nested more than 100 levels deep");
}

#[test]
fn unclosed_brackets_of_every_kind_do_no_harm() {
    on_a_small_stack(|| {
        for open in [
            "(", "[", "{", "<", "T<", "%", "!", "{x:", "(x:", "x:(", "x:[", "n*[", "(n+1)*[", "1+",
            "(1+", "(f.0?",
        ] {
            for prefix in ["", "a ", "a x:", "a = ", "A ", "a = T "] {
                let text = format!("{prefix}{}", open.repeat(100_000));
                assert_eq!(read(&text).diagnostics.len(), 1, "{prefix}{open}…");
            }
        }
    });
}

#[test]
fn sums_nest_like_brackets() {
    on_a_small_stack(|| {
        let sum = |terms: usize| format!("a = T {}n;", "1+".repeat(terms));
        assert_eq!(read(&sum(100)).diagnostics, []);
        for terms in [101, 100_000] {
            let codes: Vec<_> = read(&sum(terms))
                .diagnostics
                .iter()
                .map(|diagnostic| diagnostic.code)
                .collect();
            assert_eq!(codes, [Code::NestingTooDeep]);
        }
    });
}

#[test]
fn sums_of_nested_sums_stay_flat() {
    // Were only brackets counted, a tree like this could be fifty times as deep as they are.
    let mut text = "n".to_owned();
    for depth in 0..100 {
        text = format!("({text}{})", "+1".repeat(100 - depth));
    }
    on_a_small_stack(move || {
        let codes: Vec<_> = read(&format!("a = T {text};"))
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect();
        assert_eq!(codes, [Code::NestingTooDeep]);
    });
}

#[test]
fn long_lists_are_not_deep() {
    on_a_small_stack(|| {
        let text = format!(
            "a{} = T{} x<{}t>;",
            " x:int".repeat(50_000),
            " t".repeat(50_000),
            "t,".repeat(50_000)
        );
        let parsed = read(&text);
        assert_eq!(parsed.diagnostics, []);
        assert!(print::format(&parsed.file, &text).len() >= text.len());
    });
}

#[test]
fn bad_files_are_read_in_linear_time() {
    for line in [
        "a = A\n",
        "a\n",
        "a#1\n",
        "= \n",
        "a = b c d\n",
        ") a = b (\n",
        "$\n",
        "/ ",
        "a = A (\n",
        "A b\n",
        "@a ",
        "--- ",
    ] {
        // No test run would see the end of quadratic time.
        let text = line.repeat(100_000);
        assert!(read(&text).file.items.len() <= 100_000, "{line:?}");
    }
}

#[test]
fn random_bytes_never_panic() {
    let mut random = XorShift(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3_000 {
        let len = random.below(200);
        let bytes: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
        check(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn random_tokens_never_panic() {
    let mut random = XorShift(0x2545_f491_4f6c_dd1d);
    for _ in 0..20_000 {
        let len = random.below(30);
        let text: String = (0..len)
            .map(|_| TOKENS[random.below(TOKENS.len())])
            .collect();
        check(&text);
    }
}

#[test]
fn definitions_with_one_random_change_never_panic_and_hide_nothing() {
    const GOOD: &str = "first = F;\n@any a.b#12ab {X:Type} f:# x:f.3?Vector<X> n*[ y:(T 1+n) ] !X => R %(S 4);\nlast#1 = L;\n";
    let middle = GOOD.find(";\nlast").expect("it is there") - 10;
    let mut random = XorShift(0x1234_5678_9abc_def1);
    for _ in 0..4_000 {
        let mut text = GOOD.to_owned();
        let at = 11 + random.below(middle);
        let end = (at + random.below(3)).min(11 + middle);
        text.replace_range(at..end, TOKENS[random.below(TOKENS.len())]);
        check(&text);
        let kept: Vec<_> = read(&text).file.items.iter().map(item).collect();
        assert_eq!(
            kept.first().map(String::as_str),
            Some("first = F"),
            "{text}"
        );
        assert!(
            text.contains("/*")
                || text.contains("//")
                || kept.iter().any(|kept| kept == "last#1 = L"),
            "{text}"
        );
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
    "Final",
    "New",
    "types",
    "functions",
    "#",
    "#12",
    "#123456789",
    "0",
    "3",
    "4294967296",
    ":",
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
    "<",
    ">",
    "---",
    "===",
    "=",
    "= ",
    "=>",
    "?",
    "%",
    "+",
    ",",
    ".",
    "*",
    "!",
    "@",
    "//",
    "/*",
    "*/",
    "/",
    "-",
    "é",
    "$",
    "\u{feff}",
    "\r\n",
    "a = A;\n",
    "b#1 = B;",
];

/// Whatever the text: spans lie within it, diagnostics are in order, and what is whole survives the formatter.
fn check(text: &str) {
    let parsed = read(text);
    for diagnostic in &parsed.diagnostics {
        assert!(
            text.get(diagnostic.primary.span.range()).is_some(),
            "{text:?} {diagnostic:?}"
        );
        assert!(!diagnostic.message.is_empty());
    }
    assert!(
        parsed
            .diagnostics
            .is_sorted_by_key(|diagnostic| diagnostic.primary.span.start),
        "{text:?}"
    );
    let spans: Vec<_> = parsed.file.items.iter().map(|item| item.span()).collect();
    assert!(
        spans.iter().all(|span| text.get(span.range()).is_some()),
        "{text:?}"
    );
    assert!(
        spans.is_sorted_by(|one, two| one.end <= two.start),
        "{text:?}"
    );
    if parsed.diagnostics.is_empty() {
        let formatted = print::format(&parsed.file, text);
        let again = read(&formatted);
        assert_eq!(again.diagnostics, [], "{text:?} became {formatted:?}");
        assert_eq!(
            without_spans(&again.file),
            without_spans(&parsed.file),
            "{text:?} became {formatted:?}"
        );
        assert_eq!(
            again.file.comments.len(),
            parsed.file.comments.len(),
            "{text:?} became {formatted:?}"
        );
        assert_eq!(
            print::format(&again.file, &formatted),
            formatted,
            "{text:?}"
        );
    }
}

struct XorShift(u64);

impl XorShift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
