//! Names and places: every item of every layer gets its module and its name before any item is planned.

use std::collections::HashMap;

use crate::Layout;
use crate::rust::emit::fold;
use heck::{ToSnakeCase, ToUpperCamelCase};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{CombinatorId, Name, TypeId};
use tl_parser::span::Span;

use super::build::{Builder, has_enum, has_struct};
use super::{ItemPath, Module, ModulePath, Style};
use crate::rust::names::{is_path_word, snake_name, type_name};

/// What an item of a layer stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Enum(TypeId),
    Struct(CombinatorId),
    Function(CombinatorId),
}

/// The paths of one layer's items.
pub(super) type Names = HashMap<Key, ItemPath>;

/// The three kinds of items, each in a module of its own.
#[derive(Clone, Copy)]
pub(super) enum Group {
    Types,
    Enums,
    Functions,
}

impl Group {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Enums => "enums",
            Self::Functions => "functions",
        }
    }

    pub(super) fn docs(self, style: &Style) -> &'static str {
        match self {
            Self::Types => "Constructors: one struct each.",
            Self::Enums if style.boxed_structs => {
                "Boxed types: an enum each, a variant for every constructor, or the struct of the only one."
            }
            Self::Enums => "Boxed types: one enum each, a variant for every constructor.",
            Self::Functions => "Functions: one struct each, with what it returns.",
        }
    }
}

/// Naming.
impl<'a> Builder<'a> {
    /// Names every item of a layer. What an earlier layer generates keeps its name, so that comes first.
    pub(super) fn name_items(&mut self, layer: usize) {
        let mut names = Names::default();
        let (shared, own): (Vec<_>, Vec<_>) = self
            .keys(layer)
            .into_iter()
            .partition(|&key| self.owner(layer, key) < layer);
        for key in shared {
            let (group, name, _) = self.describe(key);
            let path = self.layers[self.owner(layer, key)][&key].clone();
            let module = self.group_module(layer, group, name);
            self.scopes.entry(module).or_default().reserve(&path.name);
            names.insert(key, path);
        }
        for key in own {
            let (group, name, span) = self.describe(key);
            names.insert(key, self.item_path(layer, group, name, span));
        }
        self.layers.push(names);
    }

    /// The items of a layer, its own and shared ones, in source order.
    pub(super) fn keys(&self, layer: usize) -> Vec<Key> {
        let (schema, analysis) = (self.inputs.schema, &self.inputs.layers[layer]);
        let mut keys = Vec::new();
        for ty in analysis.types() {
            keys.extend(has_enum(schema, ty).then_some(Key::Enum(ty)));
            let structs = analysis
                .constructors(ty)
                .filter(|&id| has_struct(analysis, id));
            keys.extend(structs.map(Key::Struct));
        }
        keys.extend(analysis.functions().map(Key::Function));
        keys
    }

    pub(super) fn describe(&self, key: Key) -> (Group, &'a Name, Span) {
        let schema = self.inputs.schema;
        match key {
            Key::Enum(ty) => (Group::Enums, &schema[ty].name, schema[ty].span),
            Key::Struct(id) => (Group::Types, &schema[id].name, schema[id].name_span),
            Key::Function(id) => (Group::Functions, &schema[id].name, schema[id].name_span),
        }
    }

    /// The layer (by index) that generates an item of `layer`.
    pub(super) fn owner(&self, layer: usize, key: Key) -> usize {
        match key {
            Key::Enum(ty) => self.sharing.type_owner(layer, ty),
            Key::Struct(id) | Key::Function(id) => self.sharing.combinator_owner(layer, id),
        }
    }

    pub(super) fn item_path(
        &mut self,
        layer: usize,
        group: Group,
        name: &Name,
        span: Span,
    ) -> ItemPath {
        let module = self.group_module(layer, group, name);
        self.note_renamed_modules(span, name, &module);
        let scope = self.scopes.entry(module.clone()).or_default();
        let tl_name = match self.inputs.style.layout {
            Layout::Nested => name.base(),
            Layout::Flat => name.as_str(),
        };
        let rust_name = scope.reserve(&type_name(tl_name));
        self.note_rename(span, tl_name, &tl_name.to_upper_camel_case(), &rust_name);
        ItemPath {
            name: rust_name,
            module,
        }
    }

    /// Notes the parts of a name's namespace whose modules have another name, each once.
    fn note_renamed_modules(&mut self, span: Span, name: &Name, module: &[String]) {
        let parts = name.namespace().unwrap_or_default().split('.');
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        if self.inputs.style.layout == Layout::Flat {
            return;
        }
        let base = module.len().saturating_sub(parts.len());
        for (at, part) in parts.iter().enumerate() {
            let (path, natural) = (&module[..=base + at], part.to_snake_case());
            let Some(module) = path.last() else {
                continue;
            };
            let is_renamed = module.trim_start_matches("r#") != natural;
            if is_renamed && self.noted_modules.insert(path.to_vec()) {
                let message = format!("the namespace `{part}` is `{module}` in Rust");
                let why = format!("`{natural}` can't be the module's name here");
                self.renames
                    .push(Diagnostic::new(Code::Renamed, span, message).label(why));
            }
        }
    }

    /// Notes that an item, variant or field has another name than its TL name asks for.
    pub(super) fn note_rename(
        &mut self,
        span: Span,
        tl_name: &str,
        natural: &str,
        rust_name: &str,
    ) {
        if rust_name.trim_start_matches("r#") == natural {
            return;
        }
        let why = if is_path_word(&format!("r#{natural}"))
            && !matches!(natural, "self" | "Self" | "super" | "crate")
        {
            format!("another item here is `{natural}` already")
        } else {
            format!("`{natural}` is no Rust name")
        };
        let message = format!("`{tl_name}` is `{rust_name}` in Rust");
        self.renames
            .push(Diagnostic::new(Code::Renamed, span, message).label(why));
    }

    /// The module of a name's namespace in a group of a layer; made with all its parents when it is not there yet.
    pub(super) fn group_module(&mut self, layer: usize, group: Group, name: &Name) -> ModulePath {
        let mut path = self.layer_path(layer);
        path.push(group.name().to_owned());
        self.module(path.clone());
        let namespace = match self.inputs.style.layout {
            Layout::Nested => name.namespace(),
            Layout::Flat => None,
        };
        for namespace in namespace
            .into_iter()
            .flat_map(|namespace| namespace.split('.'))
        {
            let mut name = snake_name(namespace);
            // A module named like the one it lies in confuses readers, and a lint says so; `mod.rs` is a file of its own.
            if path.last() == Some(&name) || name == "r#mod" {
                name = name.trim_start_matches("r#").to_owned();
                name.push('_');
            }
            path.push(name);
            self.module(path.clone());
        }
        path
    }

    pub(super) fn layer_path(&mut self, layer: usize) -> ModulePath {
        if self.inputs.schema.layers().is_empty() {
            return Vec::new();
        }
        let number = self.inputs.layers[layer].view.layer().unwrap_or_default();
        let path = vec![format!("layer_{number}")];
        self.module(path.clone());
        path
    }

    pub(super) fn module(&mut self, path: ModulePath) -> &mut Module {
        let docs = self.module_docs(&path);
        self.modules.entry(path.clone()).or_insert_with(|| Module {
            path,
            docs,
            children: Vec::new(),
            items: Vec::new(),
        })
    }

    pub(super) fn module_docs(&self, path: &[String]) -> Vec<String> {
        let groups = [Group::Types, Group::Enums, Group::Functions];
        let docs = match path {
            [] => "Bindings of a TL schema.".to_owned(),
            [.., last] if last == "server" && path.len() <= 2 && !path.iter().any(|part| groups.iter().any(|group| group.name() == part)) => {
                "What a server answers calls with: a trait per namespace, a method for each function.".to_owned()
            }
            [only] if only == "registry" => "The TL names of all ids.".to_owned(),
            [.., last] => match groups
                .into_iter()
                .find(|group| group.name() == last && path.len() <= 2)
            {
                Some(group) => group.docs(&self.inputs.style).to_owned(),
                None => match last.strip_prefix("layer_") {
                    Some(number) if path.len() == 1 => {
                        format!("The schema as it stands at layer {number}.")
                    }
                    _ => format!("The namespace `{}`.", last.trim_start_matches("r#")),
                },
            },
        };
        let mut lines = vec![docs];
        if let Some(cut) = self.cut_docs(path) {
            lines.push(String::new());
            lines.extend(fold(&cut, ""));
        }
        lines
    }

    /// What a module that holds items of one kind says of those that are cut; the root says it of all.
    fn cut_docs(&self, path: &[String]) -> Option<String> {
        let cut = &self.inputs.cut;
        match path {
            [] => {
                let all = [&cut.types, &cut.constructors, &cut.functions];
                let all: Vec<_> = all.into_iter().flatten().map(String::as_str).collect();
                (!all.is_empty()).then(|| all.join(" "))
            }
            [.., last] if path.len() <= 2 => match last.as_str() {
                "types" => cut.constructors.clone(),
                "enums" => cut.types.clone(),
                "functions" => cut.functions.clone(),
                _ => None,
            },
            _ => None,
        }
    }
}
