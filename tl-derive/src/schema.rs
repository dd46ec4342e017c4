//! Schemas as plans, to be found by TL names. One that several types of a crate name is read once.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use tl_codegen::by_hand::{self, FieldKind, Item, ItemPath, Plan, Role, Value};
use tl_codegen::{Config, Error};

/// A schema, as far as types are held against it.
pub(crate) struct Schema {
    /// Constructors and functions by TL name; several where layers differ.
    pub combinators: BTreeMap<String, Vec<Combinator>>,
    /// Boxed types by TL name, the last layer's.
    pub types: BTreeMap<String, Vec<Combinator>>,
    /// What a Rust path of the plan stands for.
    items: HashMap<ItemPath, Named>,
}

/// A constructor or a function.
#[derive(Clone, Debug)]
pub(crate) struct Combinator {
    pub name: String,
    pub id: u32,
    /// Its variant's name in the generated enum; none of a function.
    pub variant: Option<String>,
    /// In wire order.
    pub fields: Vec<by_hand::Field>,
    /// What a function returns.
    pub returns: Option<by_hand::Value>,
    /// Whether it is told numbers by its type, so that its bytes mean nothing without them.
    pub is_dependent: bool,
}

/// What stands behind a path.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub tl_name: String,
    /// The ids that its values can have: one of a constructor, all of a boxed type.
    pub ids: Vec<u32>,
    pub is_boxed: bool,
}

/// Why there is no schema: one text per error.
pub(crate) type Failure = Vec<String>;

pub(crate) type Cached = Result<Arc<Schema>, Failure>;

/// What was read so far in this process, which is one crate's compilation (or an editor's server, where files change).
#[derive(Default)]
pub(crate) struct Cache {
    /// By path, and by whether ids are trusted.
    files: Mutex<HashMap<(PathBuf, bool), CachedFile>>,
    texts: Mutex<HashMap<(String, bool), Cached>>,
    /// How often a schema was read.
    reads: AtomicUsize,
}

/// A schema with the stamp of its file, if that had one.
type CachedFile = (Option<Stamp>, Cached);

/// What changes when a file does.
type Stamp = (Option<SystemTime>, u64);

/// The process's own.
pub(crate) static CACHE: LazyLock<Cache> = LazyLock::new(Cache::default);

impl Cache {
    /// A schema file's content; `trusts_ids`: ids that the text does not give are right.
    pub(crate) fn file(&self, path: &Path, trusts_ids: bool) -> Cached {
        let stamp = fs::metadata(path)
            .map(|data| (data.modified().ok(), data.len()))
            .ok();
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), trusts_ids);
        if let Some((read, schema)) = files.get(&key)
            && *read == stamp
            && stamp.is_some()
        {
            return schema.clone();
        }
        let schema = self.read(&Config::new().schema(path).trust_ids(trusts_ids));
        files.insert(key, (stamp, schema.clone()));
        schema
    }

    /// A schema that stands in the program.
    pub(crate) fn text(&self, text: &str, trusts_ids: bool) -> Cached {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (text.to_owned(), trusts_ids);
        if let Some(schema) = texts.get(&key) {
            return schema.clone();
        }
        let config = Config::new().schema_text("the schema", text);
        let schema = self.read(&config.trust_ids(trusts_ids));
        texts.insert(key, schema.clone());
        schema
    }

    /// How often a schema was read.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    fn read(&self, config: &Config) -> Cached {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let plan = by_hand::plan(config).map_err(|error| failure(&error))?;
        Ok(Arc::new(Schema::new(&plan)))
    }
}

/// An error's findings, each with the line it speaks of.
pub(crate) fn failure(error: &Error) -> Failure {
    let Error::Schema {
        sources,
        diagnostics,
    } = error
    else {
        return vec![match error {
            Error::Io { .. } => {
                format!("{error}; paths start at the folder of the crate's Cargo.toml")
            }
            error => error.to_string(),
        }];
    };
    let errors = diagnostics.iter().filter(|found| found.is_error());
    let texts = errors.map(|found| {
        let span = found.primary.span;
        let source = sources.file(span.file);
        let (text, start) = (source.text(), span.range().start);
        let start = start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let column = text[line_start..start].chars().count();
        let width = text
            .get(span.range())
            .and_then(|text| text.lines().next())
            .map_or(1, |text| text.chars().count().max(1));
        let mut shown = format!(
            "{}: {}\n  | {line}\n  | {}{}",
            sources.locate(span),
            found.message,
            " ".repeat(column),
            "^".repeat(width)
        );
        if let Some(help) = &found.help {
            shown.push_str(&format!("\n  = help: {help}"));
        }
        shown
    });
    texts.collect()
}

impl Schema {
    fn new(plan: &Plan) -> Self {
        let mut own = Self {
            combinators: BTreeMap::new(),
            types: BTreeMap::new(),
            items: HashMap::new(),
        };
        let items = || {
            plan.modules
                .iter()
                .flat_map(|module| module.items.iter().map(move |item| (module, item)))
        };
        let path = |module: &by_hand::Module, name: &str| ItemPath {
            module: module.path.clone(),
            name: name.to_owned(),
        };
        for (module, item) in items() {
            if let Item::Struct(item) = item {
                own.add_struct(path(module, &item.name), item);
            }
        }
        for (module, item) in items() {
            if let Item::Enum(item) = item {
                own.add_enum(path(module, &item.name), item);
            }
        }
        own
    }

    fn add_struct(&mut self, path: ItemPath, item: &by_hand::Struct) {
        let tl_name = &item.docs.tl_name;
        let named = Named {
            tl_name: tl_name.clone(),
            ids: vec![item.id],
            is_boxed: false,
        };
        self.items.insert(path, named);
        if matches!(item.role, Role::Record) {
            return;
        }
        let combinators = self.combinators.entry(tl_name.clone()).or_default();
        if combinators.iter().all(|other| other.id != item.id) {
            combinators.push(Combinator {
                name: tl_name.clone(),
                id: item.id,
                variant: None,
                fields: item.fields.clone(),
                returns: match &item.role {
                    Role::Function { returns } => Some(returns.clone()),
                    Role::Constructor | Role::Record => None,
                },
                is_dependent: item
                    .params
                    .iter()
                    .any(|param| matches!(param, by_hand::Param::Nat(_))),
            });
        }
    }

    fn add_enum(&mut self, path: ItemPath, item: &by_hand::Enum) {
        let mut variants = Vec::new();
        for variant in &item.variants {
            let combinators = self.combinators.entry(variant.tl_name.clone()).or_default();
            let found = combinators.iter_mut().find(|other| other.id == variant.id);
            let combinator = match found {
                Some(found) => {
                    found.variant = Some(variant.name.clone());
                    found.clone()
                }
                // Without fields there is no struct.
                None => {
                    let new = Combinator {
                        name: variant.tl_name.clone(),
                        id: variant.id,
                        variant: Some(variant.name.clone()),
                        fields: Vec::new(),
                        returns: None,
                        is_dependent: !variant.rules.is_empty(),
                    };
                    combinators.push(new.clone());
                    new
                }
            };
            variants.push(combinator);
        }
        let named = Named {
            tl_name: item.docs.tl_name.clone(),
            ids: variants.iter().map(|variant| variant.id).collect(),
            is_boxed: true,
        };
        self.items.insert(path, named);
        self.types.insert(item.docs.tl_name.clone(), variants);
    }

    /// What a path of the plan stands for.
    pub(crate) fn item(&self, path: &ItemPath) -> Option<&Named> {
        self.items.get(path)
    }

    /// A value's type as TL writes it.
    pub(crate) fn shown(&self, value: &Value) -> String {
        shown(value, Some(self))
    }
}

/// A value's type as TL writes it; what is known by its Rust name only is `?`.
pub(crate) fn shown(value: &Value, schema: Option<&Schema>) -> String {
    use by_hand::Borrowed;
    let fixed = match value {
        Value::Int => "int",
        Value::Long => "long",
        Value::Float => "float",
        Value::Double => "double",
        Value::Bool => "Bool",
        Value::True => "true",
        Value::Nat => "#",
        Value::String | Value::Borrowed(Borrowed::String) => "string",
        Value::Bytes | Value::SharedBytes | Value::Borrowed(Borrowed::Bytes) => "bytes",
        Value::Int128 | Value::Borrowed(Borrowed::Int128) => "int128",
        Value::Int256 | Value::Borrowed(Borrowed::Int256) => "int256",
        Value::Int512 | Value::Borrowed(Borrowed::Int512) => "int512",
        Value::Object { .. } | Value::Borrowed(Borrowed::Object { .. }) => "Object",
        Value::Generic(_) | Value::Returned { .. } => "a type parameter",
        Value::Foreign(_) => "?",
        Value::WithId { value, .. } => {
            return format!("{}, with its id,", shown(value, schema));
        }
        Value::Vector { is_boxed, item } => {
            let name = if *is_boxed { "Vector" } else { "vector" };
            return format!("{name}<{}>", shown(item, schema));
        }
        Value::Repeat { item, .. } => return format!("n*[ {} ]", shown(item, schema)),
        Value::Item { path, .. } => {
            return match schema.and_then(|schema| schema.item(path)) {
                Some(named) if named.is_boxed => named.tl_name.clone(),
                Some(named) => format!("bare {}", named.tl_name),
                None => path.name.clone(),
            };
        }
    };
    fixed.to_owned()
}

/// A field's type as TL writes it, condition and all. `word` gives the TL name of a number.
pub(crate) fn shown_field(
    field: &by_hand::Field,
    schema: &Schema,
    word: impl Fn(&by_hand::NatSource) -> String,
) -> String {
    let condition = |test: &by_hand::Test| match test.bit {
        Some(bit) => format!("{}.{bit}?", word(&test.word)),
        None => format!("{}?", word(&test.word)),
    };
    match &field.kind {
        FieldKind::Required { value, .. } => schema.shown(value),
        FieldKind::Optional { test, value, .. } => condition(test) + &schema.shown(value),
        FieldKind::Flag { test } => condition(test) + "true",
        FieldKind::Flags { .. } | FieldKind::Count { .. } => "#".to_owned(),
        FieldKind::Length { .. } => "int".to_owned(),
        FieldKind::Sized { .. } => "Object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::Cache;

    #[test]
    fn a_schema_is_read_once_until_it_changes() {
        let cache = Cache::default();
        let path = env::temp_dir().join(format!("tl-derive-{}.tl", process::id()));
        fs::write(&path, "user id:long = User;").expect("a place for a file");
        for _ in 0..100 {
            let schema = cache.file(&path, false).expect("it is sound");
            assert!(schema.combinators.contains_key("user"));
        }
        assert_eq!(cache.reads(), 1);
        fs::write(&path, "chat id:long name:string = Chat;").expect("a place for a file");
        let schema = cache.file(&path, false).expect("it is sound");
        assert!(schema.combinators.contains_key("chat"));
        assert!(!schema.combinators.contains_key("user"));
        assert_eq!(cache.reads(), 2);
        // What has errors is not read again and again either.
        fs::write(&path, "user id:lng = User;").expect("a place for a file");
        for _ in 0..100 {
            let failure = cache.file(&path, false).err().expect("an unknown type");
            assert!(failure[0].contains("unknown type or constructor `lng`"));
        }
        assert_eq!(cache.reads(), 3);
        fs::remove_file(&path).expect("it is there");
        assert!(cache.file(&path, false).is_err());
        for _ in 0..100 {
            cache.text("a = A;", false).expect("it is sound");
        }
        assert_eq!(cache.reads(), 5);
    }
}
