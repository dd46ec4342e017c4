//! Inputs and options that several subcommands share, and the file `tl.toml`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use tl_codegen::{Config, Dialect, load, load_bytes};
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

/// The options of one set of bindings, as flags and as keys of `tl.toml`.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Options {
    /// The rule for constructor ids; by default the one that most ids of the schema follow.
    #[arg(long)]
    pub dialect: Option<DialectName>,

    /// Take explicit ids as right whatever the text gives: for schemas whose ids are chosen by hand.
    #[arg(long)]
    pub trust_ids: bool,

    /// The path of the runtime crate in generated code [default: ::mtproto_runtime].
    #[arg(long, value_name = "PATH")]
    pub runtime_path: Option<String>,

    /// Take Vec, String and Box from ::alloc instead of ::std.
    #[arg(long)]
    pub no_std: bool,

    /// The derives of every struct and enum, separated by commas [default: Clone,Debug,PartialEq].
    #[arg(long, value_name = "TRAITS", value_delimiter = ',')]
    pub derives: Option<Vec<String>>,

    /// Let enums come from their constructors' structs, and these from the enums.
    #[arg(long)]
    pub conversions: bool,

    /// The official page of each item, with {kind} and {name} in it [default: as a comment `// DOCS URL` of the schema says].
    #[arg(long, value_name = "URL")]
    pub docs_link: Option<String>,

    /// Generate only what these patterns name and what it reaches, separated by commas.
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub only: Option<Vec<String>>,

    /// Generate forms, too, whose texts and bytes lie in the input.
    #[arg(long)]
    pub borrowed: bool,
}

impl Options {
    /// The library's configuration.
    pub(crate) fn config(self, schemas: &[PathBuf]) -> Config {
        let mut config = schemas
            .iter()
            .fold(Config::new(), |config, path| config.schema(path))
            .no_std(self.no_std)
            .borrowed(self.borrowed)
            .conversions(self.conversions)
            .trust_ids(self.trust_ids);
        if let Some(dialect) = self.dialect {
            config = config.dialect(dialect.into());
        }
        if let Some(path) = self.runtime_path {
            config = config.runtime_path(path);
        }
        if let Some(derives) = self.derives {
            config = config.derives(derives.into_iter().filter(|derive| !derive.is_empty()));
        }
        if let Some(link) = self.docs_link {
            config = config.docs_link(link);
        }
        if let Some(only) = self.only {
            config = config.only(only);
        }
        config
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
        if bindings[..at].iter().any(|other| other.out == own.out) {
            bail!(
                "{name}: two [[bindings]] have the same `out`, {}: each needs its own",
                own.out.display()
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
