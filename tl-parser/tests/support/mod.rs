//! What the tests over whole schemas share: where they lie, how they are read, and how two readings are compared.

// Every test program takes of this what it needs.
#![allow(dead_code)]

pub(crate) mod dump;
pub(crate) mod generate;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use tl_parser::schema::{Options, Reading, Schema, read};
use tl_parser::span::Sources;

pub(crate) use tree::without_spans;

/// The folder that holds the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the workspace")
        .to_owned()
}

/// A schema file.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    /// Its name without `.tl`.
    pub(crate) name: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
    bytes: Vec<u8>,
}

impl Fixture {
    fn read(path: PathBuf) -> Self {
        let name = path.file_stem().expect("it has a name");
        let name = name.to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a schema can be read");
        Self { name, path, bytes }
    }

    /// The same fixture, were its text another.
    pub(crate) fn with_text(&self, text: String) -> Self {
        Self {
            bytes: text.into_bytes(),
            ..self.clone()
        }
    }

    /// It alone.
    pub(crate) fn sources(&self) -> Sources {
        sources(std::slice::from_ref(self))
    }

    /// Its text as the parser sees it.
    pub(crate) fn text(&self) -> String {
        let sources = self.sources();
        let (_, source) = sources.iter().next().expect("there is one");
        source.text().to_owned()
    }
}

/// Every `.tl` file of a folder of the workspace, by name.
pub(crate) fn fixtures(folder: &str) -> Vec<Fixture> {
    let fixtures = files(&workspace().join(folder));
    assert!(!fixtures.is_empty(), "{folder} is empty");
    fixtures
}

/// Every `.tl` file of a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<Fixture> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "tl"))
        .collect();
    paths.sort();
    paths.into_iter().map(Fixture::read).collect()
}

/// Files as the parser takes them.
pub(crate) fn sources(files: &[Fixture]) -> Sources {
    let mut sources = Sources::new();
    for file in files {
        sources
            .add_bytes(format!("{}.tl", file.name), file.bytes.clone())
            .expect("a schema is small");
    }
    sources
}

/// All files as one schema.
pub(crate) fn joined(sources: &Sources, trust_ids: bool) -> Reading {
    let options = Options {
        join: true,
        trust_ids,
        ..Options::default()
    };
    let mut readings = read(sources, &options);
    assert_eq!(readings.len(), 1, "all files make one schema");
    readings.remove(0)
}

/// Names and ids of the definitions that come from files, and the ids that their texts give where these are others.
pub(crate) fn ids(schema: &Schema) -> Vec<(String, u32, Option<u32>)> {
    let own = schema
        .combinators()
        .filter(|(_, combinator)| !combinator.is_prelude);
    own.map(|(_, combinator)| {
        (
            combinator.name.to_string(),
            combinator.id,
            combinator
                .id_mismatch
                .as_ref()
                .map(|mismatch| mismatch.computed_id),
        )
    })
    .collect()
}
