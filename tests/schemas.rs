//! The schemas of this project and what is generated from them and checked in: sound, formatted, fresh.

use std::fs;
use std::path::Path;

use telegram_tl::{api, end_to_end};
use tl_codegen::{Config, Stale};
use tl_parser::diagnostic::Code;
use tl_parser::schema::{Options, Reading, read};
use tl_parser::span::Sources;
use tl_parser::syntax::parse;
use tl_parser::syntax::print::format;

const SCHEMAS: [&str; 3] = [
    "schemas/api.tl",
    "schemas/mtproto.tl",
    "schemas/end-to-end.tl",
];

fn sources(path: &str) -> Sources {
    let mut sources = Sources::new();
    sources
        .add(path, fs::read_to_string(path).expect("the schema is there"))
        .expect("the schema is small");
    sources
}

fn reading(path: &str) -> Reading {
    read(&sources(path), &Options::default()).remove(0)
}

#[test]
fn every_id_of_the_api_is_the_one_its_text_gives() {
    let reading = reading("schemas/api.tl");
    let own = reading
        .schema
        .combinators()
        .filter(|(_, combinator)| !combinator.is_prelude);
    for (_, combinator) in own {
        assert_eq!(combinator.id_mismatch, None, "{}", combinator.name);
    }
}

#[test]
fn nothing_is_wrong_with_any_of_them_but_the_known_exceptions_to_the_id_rule() {
    let notes: Vec<_> = SCHEMAS
        .into_iter()
        .flat_map(|path| reading(path).diagnostics)
        .collect();
    assert!(
        notes.iter().all(|note| note.code == Code::KnownIdException),
        "{notes:?}"
    );
    assert_eq!(notes.len(), 5);
}

#[test]
fn they_are_laid_out_as_the_formatter_does() {
    for path in SCHEMAS {
        let sources = sources(path);
        for (id, source) in sources.iter() {
            let parsed = parse(id, source.text());
            assert!(
                format(&parsed.file, source.text()) == source.text(),
                "run `cargo tlc fmt {path}`"
            );
        }
    }
}

#[test]
fn the_readme_beside_them_counts_right() {
    let readme = fs::read_to_string("schemas/README.md").expect("the README is there");
    for path in SCHEMAS {
        let reading = reading(path);
        let count = reading
            .schema
            .combinators()
            .filter(|(_, combinator)| !combinator.is_prelude)
            .count();
        let count = if count >= 1000 {
            format!("{},{:03}", count / 1000, count % 1000)
        } else {
            count.to_string()
        };
        let name = path.trim_start_matches("schemas/");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}`")));
        assert!(
            row.is_some_and(|row| row.ends_with(&format!("| {count} |"))),
            "{name} has {count} definitions"
        );
    }
}

#[test]
fn layers_are_stated_in_the_bindings() {
    let stated = reading("schemas/api.tl").schema.layer();
    assert_eq!(u32::try_from(api::LAYER).ok(), stated);
    let readme = fs::read_to_string("schemas/README.md").expect("the README is there");
    assert!(readme.contains(&format!("| the Telegram API, layer {} |", api::LAYER)));
    assert_eq!(
        end_to_end::LAYERS,
        [8, 17, 20, 23, 45, 46, 66, 73, 101, 143, 144]
    );
    assert_eq!((end_to_end::LAYER, end_to_end::layer_46::LAYER), (144, 46));
}

/// What `cargo tlc generate --check` says, without the program.
#[test]
fn the_bindings_of_the_runtime_are_fresh() {
    for (schema, module) in [("mtproto", "mtproto"), ("end-to-end", "end_to_end")] {
        let config = Config::new()
            .schema(format!("schemas/{schema}.tl"))
            .runtime_path("crate")
            .no_std(true)
            .read_functions(module == "mtproto");
        let output = config.generate().expect("the schema is sound");
        let dir = Path::new("mtproto-runtime/src/schema").join(module);
        let stale: Vec<Stale> = output
            .files
            .compare(&dir)
            .expect("the bindings can be read");
        assert!(
            stale.is_empty(),
            "run `cargo tlc generate`: {:?}",
            stale.iter().map(|stale| &stale.path).collect::<Vec<_>>()
        );
    }
}
