//! The options, each declared once: a field here is a method of [`Config`](crate::Config), a key of `tl.toml` and a flag of
//! `tlc generate`, and its docs are the help that the flag prints.

use std::str::FromStr;

use tl_parser::schema::Dialect;

/// What is done with constructors and flag bits that the schema does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum, serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Unknown {
    /// Both are errors.
    #[default]
    Reject,
    /// Constructors become a variant that holds their bytes, bits a field.
    Keep,
}

/// Which fields of its constructors an enum has methods for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum, serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Accessors {
    /// None.
    #[default]
    None,
    /// Those that all constructors have.
    All,
    /// Those that two constructors or more have.
    Several,
}

/// How namespaces show in Rust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum, serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Layout {
    /// As modules, each a file of its own: `functions::messages::SendMessage`.
    #[default]
    Nested,
    /// In names, and one file for all constructors, types and functions each: `functions::MessagesSendMessage`.
    Flat,
}

/// What `bytes` are in Rust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum, serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum BytesType {
    /// `Vec<u8>`.
    #[default]
    Vec,
    /// `bytes::Bytes`; the runtime needs its feature `bytes`.
    Bytes,
}

/// What `string`s are in Rust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum, serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Strings {
    /// `String`: what is not UTF-8 is an error.
    #[default]
    Text,
    /// The same as `bytes`, whatever they hold.
    Bytes,
}

/// How the Rust should look that is generated from one schema. The default is what a new [`Config`](crate::Config) has.
///
/// ```
/// use tl_codegen::{Config, Options, Unknown};
///
/// let mut options = Options::default();
/// options.unknown = Unknown::Keep;
/// options.derives = Some(vec!["Clone".to_owned()]);
/// Config::new().options(options);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::Args, serde::Deserialize))]
#[cfg_attr(
    feature = "cli",
    serde(rename_all = "kebab-case", deny_unknown_fields, default)
)]
#[non_exhaustive]
pub struct Options {
    /// The rule for constructor ids; by default the one that most ids of the schema follow.
    #[cfg_attr(feature = "cli", arg(long, value_parser = cli::dialect_parser()))]
    #[cfg_attr(feature = "cli", serde(deserialize_with = "cli::dialect"))]
    pub dialect: Option<Dialect>,

    /// Take explicit ids as right whatever the text gives: for schemas whose ids are chosen by hand.
    #[cfg_attr(feature = "cli", arg(long))]
    pub trust_ids: bool,

    /// The path of the runtime crate in generated code [default: ::mtproto_runtime].
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATH"))]
    pub runtime_path: Option<String>,

    /// Take Vec, String and Box from ::alloc instead of ::std.
    #[cfg_attr(feature = "cli", arg(long))]
    pub no_std: bool,

    /// The derives of every struct and enum, separated by commas [default: Clone,Debug,PartialEq].
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "TRAITS", value_delimiter = ',')
    )]
    pub derives: Option<Vec<String>>,

    /// Have each type derive Debug and PartialEq for itself: quicker comparisons, a longer compile.
    #[cfg_attr(feature = "cli", arg(long))]
    pub derive_each: bool,

    /// Let enums come from their constructors' structs, and these from the enums.
    #[cfg_attr(feature = "cli", arg(long))]
    pub conversions: bool,

    /// Take a boxed type of one constructor for `Boxed` with its struct in it, and not for an enum of one variant.
    #[cfg_attr(feature = "cli", arg(long))]
    pub boxed_structs: bool,

    /// The official page of each item, with {kind} and {name} in it [default: as a comment `// DOCS URL` of the schema says].
    #[cfg_attr(feature = "cli", arg(long, value_name = "URL"))]
    pub docs_link: Option<String>,

    /// Generate only what these patterns name and what it reaches, separated by commas.
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "PATTERNS", value_delimiter = ',')
    )]
    pub only: Vec<String>,

    /// Generate nothing that these patterns name, separated by commas; nothing else may need it.
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "PATTERNS", value_delimiter = ',')
    )]
    pub except: Vec<String>,

    /// Keep values of the types and constructors that these patterns name as bytes, separated by commas: `WebPage,updateBot*`.
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "PATTERNS", value_delimiter = ',')
    )]
    pub opaque: Vec<String>,

    /// Attributes for the structs and enums that a pattern names, as `user=#[derive(Hash)]`.
    #[cfg_attr(
        feature = "cli",
        arg(long = "attribute", value_name = "PATTERN=ATTRIBUTE")
    )]
    pub attributes: Vec<ItemAttribute>,

    /// Fields that `Debug` prints as `<redacted>`, separated by commas: `auth_key`, `user.phone`.
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "PATTERNS", value_delimiter = ',')
    )]
    pub redact: Vec<String>,

    /// What is done with constructors and flag bits that the schema does not have.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    pub unknown: Unknown,

    /// What `string`s are in Rust.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    pub strings: Strings,

    /// Which fields of its constructors an enum has methods for.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    pub accessors: Accessors,

    /// Implement Default where the schema has a value for it.
    #[cfg_attr(feature = "cli", arg(long))]
    pub default_impls: bool,

    /// `new` and a method for each optional field, for all that has so many of these.
    #[cfg_attr(feature = "cli", arg(long, value_name = "FIELDS"))]
    pub builders: Option<usize>,

    /// How namespaces show in Rust.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    pub layout: Layout,

    /// Tell of fields apart that they may be null, where the schema says so in words, as TDLib's does.
    #[cfg_attr(feature = "cli", arg(long))]
    pub nullable_docs: bool,

    /// What `bytes` are in Rust.
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t))]
    pub bytes: BytesType,

    /// Generate forms, too, whose texts and bytes lie in the input.
    #[cfg_attr(feature = "cli", arg(long))]
    pub borrowed: bool,

    /// Implement serde's traits, for JSON as TDLib writes it; the runtime needs its feature `serde`.
    #[cfg_attr(feature = "cli", arg(long))]
    pub serde: bool,

    /// Let functions be read, as a server does, and not only written; `dispatcher` implies it.
    #[cfg_attr(feature = "cli", arg(long))]
    pub read_functions: bool,

    /// Generate traits for servers, one per namespace with a method for each function, and what calls them.
    #[cfg_attr(feature = "cli", arg(long))]
    pub dispatcher: bool,
}

/// Attributes for some structs and enums; as text `PATTERN=ATTRIBUTE`.
///
/// ```
/// let attribute: tl_codegen::ItemAttribute = "messages.*=#[derive(Hash)]".parse()?;
/// assert_eq!(attribute.pattern, "messages.*");
/// assert_eq!(attribute.attribute, "#[derive(Hash)]");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(serde::Deserialize))]
#[cfg_attr(feature = "cli", serde(try_from = "String"))]
pub struct ItemAttribute {
    /// The TL names of the constructors, types and functions, with `*` for any text.
    pub pattern: String,
    /// One attribute or more, as they stand in Rust.
    pub attribute: String,
}

impl FromStr for ItemAttribute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((pattern, attribute)) => Ok(Self {
                pattern: pattern.trim().to_owned(),
                attribute: attribute.trim().to_owned(),
            }),
            None => Err(format!(
                "`{text}` has no `=` between a pattern and an attribute, as `user=#[derive(Hash)]` has"
            )),
        }
    }
}

impl TryFrom<String> for ItemAttribute {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(feature = "cli")]
mod cli {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    use super::Dialect;

    const DIALECTS: [(&str, Dialect); 2] = [("telegram", Dialect::Telegram), ("raw", Dialect::Raw)];

    fn named(name: &str) -> Option<Dialect> {
        let mut dialects = DIALECTS.into_iter();
        dialects.find_map(|(own, dialect)| (own == name).then_some(dialect))
    }

    pub(super) fn dialect_parser() -> impl TypedValueParser<Value = Dialect> {
        PossibleValuesParser::new(DIALECTS.map(|(name, _)| name))
            .map(|name| named(&name).unwrap_or(Dialect::Telegram))
    }

    pub(super) fn dialect<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Dialect>, D::Error> {
        let name = String::deserialize(from)?;
        match named(&name) {
            Some(dialect) => Ok(Some(dialect)),
            None => Err(D::Error::unknown_variant(&name, &["telegram", "raw"])),
        }
    }
}
