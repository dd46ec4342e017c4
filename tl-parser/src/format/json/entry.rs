//! The shape of the JSON.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize};

/// The whole file.
#[derive(Deserialize, Serialize)]
#[serde(expecting = "an object with the lists `constructors` and `methods`")]
pub(super) struct File {
    pub constructors: Vec<Entry>,
    #[serde(default)]
    pub methods: Vec<Entry>,
}

/// A constructor or a method. Keys of other names are skipped.
#[derive(Deserialize, Serialize)]
#[serde(
    expecting = "a definition: an object with `id`, `predicate` or `method`, `params` and `type`"
)]
pub(super) struct Entry {
    #[serde(deserialize_with = "text_or_number")]
    pub id: String,
    #[serde(flatten)]
    pub name: Name,
    pub params: Vec<Param>,
    #[serde(rename = "type")]
    pub ty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<u32>,
}

/// The key says which of the two it is.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Name {
    Predicate(String),
    Method(String),
}

impl Name {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Predicate(text) | Self::Method(text) => text,
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(expecting = "a parameter: an object with `name` and `type`")]
pub(super) struct Param {
    pub name: String,
    #[serde(rename = "type")]
    pub ty: String,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an id is a number, or a string that holds one")]
    enum Id {
        Text(String),
        Number(i64),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    })
}

/// The names of the implicit type arguments that an entry's types tell of, in order: those that its result is applied to and
/// that no argument declares, then those that a query (`!X`) returns.
pub(super) fn implied<'e>(
    params: impl Iterator<Item = (&'e str, &'e str)> + Clone,
    result: &'e str,
) -> Vec<&'e str> {
    let is_word = |word: &&str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_var =
        |word: &&str| is_word(word) && !word.starts_with(|first: char| first.is_ascii_digit());
    let declared: HashSet<&str> = params.clone().map(|(name, _)| name).collect();
    let is_declared = |word: &&str| declared.contains(word);
    let of_result = result.split(' ').skip(1);
    let of_queries = params
        .clone()
        .filter_map(|(_, ty)| ty.rsplit('?').next()?.strip_prefix('!'));
    let mut seen = HashSet::new();
    of_result
        .filter(|word| !is_declared(word))
        .chain(of_queries)
        .filter(is_var)
        .filter(|word| seen.insert(*word))
        .collect()
}
