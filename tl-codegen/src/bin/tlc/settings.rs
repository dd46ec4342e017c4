//! Inputs and options that several subcommands share, and the file `tl.toml`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::ValueEnum;
use serde::Deserialize;
use tl_codegen::{Config, Dialect, Options, load, load_bytes};
use tl_parser::diagnostic::nearest;
use tl_parser::span::Sources;
use toml::Table;

/// The rule for constructor ids.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DialectName {
    /// Telegram's schemas.
    Telegram,
    /// The documented rule: TON, VK, TDLib's API.
    Raw,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Telegram => Self::Telegram,
            DialectName::Raw => Self::Raw,
        }
    }
}

/// Reads schema files: TL text, TLO or JSON. `-` is standard input.
pub(crate) fn read_sources(paths: &[PathBuf]) -> anyhow::Result<Sources> {
    let (sources, failures) = read_what_can_be(paths);
    match failures.into_iter().next() {
        Some(failure) => Err(failure),
        None => Ok(sources),
    }
}

/// Reads schema files; those that can't be read don't stand in the way of the others.
pub(crate) fn read_what_can_be(paths: &[PathBuf]) -> (Sources, Vec<anyhow::Error>) {
    let mut sources = Sources::new();
    let mut failures = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let read = if path != Path::new("-") {
            load(&mut sources, path).map_err(anyhow::Error::from)
        } else if paths[..at].contains(path) {
            Err(anyhow!("standard input can be read only once"))
        } else {
            read_stdin()
                .and_then(|bytes| Ok(load_bytes(&mut sources, Path::new("<stdin>"), bytes)?))
        };
        failures.extend(read.err());
    }
    (sources, failures)
}

/// All of standard input.
pub(crate) fn read_stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut stdin = std::io::stdin().lock();
    stdin.read_to_end(&mut bytes).context("<stdin>")?;
    Ok(bytes)
}

/// The library's configuration.
pub(crate) fn config(options: Options, schemas: &[PathBuf]) -> Config {
    let config = schemas
        .iter()
        .fold(Config::new(), |config, path| config.schema(path));
    // `--derives=` asks for none.
    let derives = options.derives.clone();
    let config = config.options(options);
    match derives {
        Some(derives) => config.derives(derives.into_iter().filter(|derive| !derive.is_empty())),
        None => config,
    }
}

/// One `[[bindings]]` table of `tl.toml`. Paths are relative to that file.
#[derive(Debug)]
pub(crate) struct Bindings {
    pub schemas: Vec<PathBuf>,
    pub out: PathBuf,
    pub options: Options,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bindings: Vec<Table>,
}

/// Reads `tl.toml`.
pub(crate) fn read_config(path: &Path) -> anyhow::Result<Vec<Bindings>> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| name.clone())?;
    let file: File = toml::from_str(&text).with_context(|| name.clone())?;
    if file.bindings.is_empty() {
        bail!("{name}: no [[bindings]] table: nothing to generate");
    }
    let dir = path.parent().unwrap_or(Path::new(""));
    let tables = file.bindings.into_iter().enumerate();
    let bindings = tables.map(|(at, table)| {
        bindings(table, dir).with_context(|| format!("{name}: [[bindings]] {}", at + 1))
    });
    let bindings: Vec<Bindings> = bindings.collect::<anyhow::Result<_>>()?;
    for (at, own) in bindings.iter().enumerate() {
        for other in &bindings[..at] {
            if other.out == own.out {
                bail!(
                    "{name}: two [[bindings]] have the same `out`, {}: each needs its own",
                    own.out.display()
                );
            }
            let (inner, outer) = match own.out.starts_with(&other.out) {
                true => (own, other),
                false if other.out.starts_with(&own.out) => (other, own),
                false => continue,
            };
            // Each would remove the other's files.
            bail!(
                "{name}: the `out` {} lies within another, {}: put them side by side",
                inner.out.display(),
                outer.out.display()
            );
        }
    }
    Ok(bindings)
}

/// The paths of a table; what is left of it are options, and none but those.
fn bindings(mut table: Table, dir: &Path) -> anyhow::Result<Bindings> {
    let mut take = |key: &str| {
        table
            .remove(key)
            .with_context(|| format!("`{key}` is missing"))
    };
    let schemas: Vec<PathBuf> = take("schemas")?
        .try_into()
        .context("`schemas` is a list of paths")?;
    let out: PathBuf = take("out")?.try_into().context("`out` is a path")?;
    Ok(Bindings {
        schemas: schemas.iter().map(|schema| dir.join(schema)).collect(),
        out: dir.join(out),
        options: table.try_into().map_err(name_nearest_key)?,
    })
}

/// Of the keys that an error lists, the first is the unknown one and the others are known.
fn name_nearest_key(error: toml::de::Error) -> anyhow::Error {
    let message = error.message();
    let mut words = message.split('`').skip(1).step_by(2);
    let near = words
        .next()
        .filter(|_| message.starts_with("unknown field"))
        .and_then(|unknown| nearest(unknown, words.chain(["schemas", "out"])));
    match near {
        Some(near) => anyhow!("{}; did you mean `{near}`?", message.trim_end()),
        None => error.into(),
    }
}
