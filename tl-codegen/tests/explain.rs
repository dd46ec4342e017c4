//! The stories of `tlc explain` tell the truth: every example has the finding it is about and no other, and its cure has
//! none.

use tl_codegen::{Config, Error};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{Options, read};
use tl_parser::span::Sources;

#[test]
fn every_wrong_example_has_its_finding_and_no_other() {
    for &code in Code::ALL {
        let mut codes = codes(&find(code, "Wrong"));
        codes.dedup();
        assert_eq!(codes, [code], "{code}");
    }
}

#[test]
fn every_right_example_has_no_finding() {
    for &code in Code::ALL {
        assert_eq!(codes(&find(code, "Right")), [], "{code}");
    }
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    diagnostics.iter().map(|found| found.code).collect()
}

/// What is found in an example; by the generator, where only that looks for it.
fn find(code: Code, part: &str) -> Vec<Diagnostic> {
    let text = example(code.explanation(), part);
    let text = match (code, part) {
        (Code::PartialTooLarge, "Wrong") => &repeated(text),
        _ => text,
    };
    match code {
        Code::Unsupported | Code::Renamed => {
            match Config::new().schema_text("example.tl", text).generate() {
                Ok(output) => output.diagnostics,
                Err(Error::Schema { diagnostics, .. }) => diagnostics,
                Err(error) => panic!("{code}: {error}"),
            }
        }
        _ => {
            let mut sources = Sources::new();
            sources.add("example.tl", text).expect("small");
            let readings = read(&sources, &Options::default());
            readings
                .into_iter()
                .flat_map(|reading| reading.diagnostics)
                .collect()
        }
    }
}

/// The example whose last line is to be thought of as repeated for all numbers up to 65536.
fn repeated(text: &str) -> String {
    let (once, line) = text.trim_end().rsplit_once('\n').expect("two lines");
    let start = line.strip_suffix("0;").expect("a number at the end");
    let lines: String = (0..=65536)
        .map(|number| format!("{start}{number};\n"))
        .collect();
    format!("{once}\n{lines}")
}

/// The schema under a headline.
fn example<'s>(story: &'s str, part: &str) -> &'s str {
    let begin = format!("## {part}\n\n```tl\n");
    let (_, behind) = story.split_once(&begin).expect("a headline and a block");
    let (text, _) = behind.split_once("```\n").expect("the block's end");
    text
}
