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

/// The schema under a headline.
fn example<'s>(story: &'s str, part: &str) -> &'s str {
    let begin = format!("## {part}\n\n```tl\n");
    let (_, behind) = story.split_once(&begin).expect("a headline and a block");
    let (text, _) = behind.split_once("```\n").expect("the block's end");
    text
}
