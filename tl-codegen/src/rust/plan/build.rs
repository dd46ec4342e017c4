//! The planning pass: from the analyses of a schema's layers to modules full of named items.

use std::collections::{BTreeMap, HashMap};

use heck::{ToSnakeCase, ToUpperCamelCase};
use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{
    Builtin, Combinator, CombinatorId, CombinatorKind, Name, Schema, Term, TypeId,
};
use tl_parser::span::{Sources, Span};

use super::docs::{self, DocsMaker};
use super::share::Sharing;
use super::{
    Child, Enum, Item, ItemPath, Module, ModulePath, Plan, Returns, Role, Struct, Style, Value,
    Variant, fields,
};
use crate::analysis::fields::query_variables;
use crate::analysis::{Analysis, Shape};
use crate::rust::names::{
    Scope, is_path_word, natural_variant_name, snake_name, type_name, variant_name,
};

/// What a plan is made from.
pub(crate) struct Inputs<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// Its text, for docs.
    pub sources: &'a Sources,
    /// One analysis per layer, ascending; a single one for an unlayered schema.
    pub layers: Vec<Analysis<'a>>,
    /// The official page of an item, with `{kind}` and `{name}` to fill in.
    pub docs_link: Option<&'a str>,
    /// Paths and switches.
    pub style: Style,
}

/// Makes the plan.
pub(crate) fn build(inputs: Inputs<'_>, diagnostics: &mut Vec<Diagnostic>) -> Plan {
    let sharing = Sharing::find(inputs.schema, &inputs.layers);
    let docs = DocsMaker {
        sources: inputs.sources,
        link: inputs.docs_link,
    };
    let mut builder = Builder {
        inputs: &inputs,
        renames: Vec::new(),
        sharing,
        docs,
        scopes: HashMap::new(),
        layers: Vec::new(),
        modules: BTreeMap::new(),
    };
    builder.module(Vec::new());
    for layer in 0..inputs.layers.len() {
        builder.name_items(layer);
    }
    builder.add_root_items();
    for layer in 0..inputs.layers.len() {
        builder.add_layer(layer);
    }
    diagnostics.append(&mut builder.renames);
    let modules = builder.finish();
    Plan {
        modules,
        registry: registry(&inputs),
        style: inputs.style.clone(),
    }
}

/// What an item of a layer stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Enum(TypeId),
    Struct(CombinatorId),
    Function(CombinatorId),
}

/// The paths of one layer's items.
type Names = HashMap<Key, ItemPath>;

struct Builder<'a> {
    inputs: &'a Inputs<'a>,
    /// Notes on names that could not be kept.
    renames: Vec<Diagnostic>,
    sharing: Sharing,
    docs: DocsMaker<'a>,
    scopes: HashMap<ModulePath, Scope>,
    layers: Vec<Names>,
    modules: BTreeMap<ModulePath, Module>,
}

/// The three kinds of items, each in a module of its own.
#[derive(Clone, Copy)]
enum Group {
    Types,
    Enums,
    Functions,
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Enums => "enums",
            Self::Functions => "functions",
        }
    }

    fn docs(self) -> &'static str {
        match self {
            Self::Types => "Constructors: one struct each.",
            Self::Enums => "Boxed types: one enum each, a variant for every constructor.",
            Self::Functions => "Functions: one struct each, with what it returns.",
        }
    }
}

/// Naming.
impl<'a> Builder<'a> {
    /// Names every item of a layer. What an earlier layer generates keeps its name, so that comes first.
    fn name_items(&mut self, layer: usize) {
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
    fn keys(&self, layer: usize) -> Vec<Key> {
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

    fn describe(&self, key: Key) -> (Group, &'a Name, Span) {
        let schema = self.inputs.schema;
        match key {
            Key::Enum(ty) => (Group::Enums, &schema[ty].name, schema[ty].span),
            Key::Struct(id) => (Group::Types, &schema[id].name, schema[id].name_span),
            Key::Function(id) => (Group::Functions, &schema[id].name, schema[id].name_span),
        }
    }

    /// The layer (by index) that generates an item of `layer`.
    fn owner(&self, layer: usize, key: Key) -> usize {
        match key {
            Key::Enum(ty) => self.sharing.type_owner(layer, ty),
            Key::Struct(id) | Key::Function(id) => self.sharing.combinator_owner(layer, id),
        }
    }

    fn item_path(&mut self, layer: usize, group: Group, name: &Name, span: Span) -> ItemPath {
        let module = self.group_module(layer, group, name);
        let scope = self.scopes.entry(module.clone()).or_default();
        let rust_name = scope.reserve(&type_name(name.base()));
        self.note_rename(
            span,
            name.base(),
            &name.base().to_upper_camel_case(),
            &rust_name,
        );
        ItemPath {
            name: rust_name,
            module,
        }
    }

    /// Notes that an item, variant or field has another name than its TL name asks for.
    fn note_rename(&mut self, span: Span, tl_name: &str, natural: &str, rust_name: &str) {
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
    fn group_module(&mut self, layer: usize, group: Group, name: &Name) -> ModulePath {
        let mut path = self.layer_path(layer);
        path.push(group.name().to_owned());
        self.module(path.clone());
        for namespace in name
            .namespace()
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

    fn layer_path(&mut self, layer: usize) -> ModulePath {
        if self.inputs.schema.layers().is_empty() {
            return Vec::new();
        }
        let number = self.inputs.layers[layer].view.layer().unwrap_or_default();
        let path = vec![format!("layer_{number}")];
        self.module(path.clone());
        path
    }

    fn module(&mut self, path: ModulePath) -> &mut Module {
        let docs = self.module_docs(&path);
        self.modules.entry(path.clone()).or_insert_with(|| Module {
            path,
            docs,
            children: Vec::new(),
            items: Vec::new(),
        })
    }

    fn module_docs(&self, path: &[String]) -> Vec<String> {
        let groups = [Group::Types, Group::Enums, Group::Functions];
        let docs = match path {
            [] => "Bindings of a TL schema.".to_owned(),
            [only] if only == "registry" => "The TL names of all ids.".to_owned(),
            [.., last] => match groups
                .into_iter()
                .find(|group| group.name() == last && path.len() <= 2)
            {
                Some(group) => group.docs().to_owned(),
                None => match last.strip_prefix("layer_") {
                    Some(number) if path.len() == 1 => {
                        format!("The schema as it stands at layer {number}.")
                    }
                    _ => format!("The namespace `{}`.", last.trim_start_matches("r#")),
                },
            },
        };
        vec![docs]
    }
}

/// Items.
impl<'a> Builder<'a> {
    fn add_root_items(&mut self) {
        let schema = self.inputs.schema;
        let layers = schema.layers().to_vec();
        let root = self.module(Vec::new());
        if let Some(layer) = schema.layer() {
            root.items.push(Item::Layer(layer));
        }
        if !layers.is_empty() {
            root.items.push(Item::Layers(layers));
        }
        self.module(vec!["registry".to_owned()])
            .items
            .push(Item::Registry);
    }

    fn add_layer(&mut self, layer: usize) {
        let inputs = self.inputs;
        let analysis = &inputs.layers[layer];
        if let (false, Some(number)) = (inputs.schema.layers().is_empty(), analysis.view.layer()) {
            let path = self.layer_path(layer);
            self.module(path).items.push(Item::Layer(number));
        }
        for ty in analysis.types() {
            if has_enum(inputs.schema, ty) {
                self.add_enum(layer, ty);
            }
            for constructor in analysis
                .constructors(ty)
                .filter(|&id| has_struct(analysis, id))
            {
                self.add_struct(layer, constructor);
            }
        }
        for function in analysis.functions() {
            self.add_struct(layer, function);
        }
    }

    fn add_enum(&mut self, layer: usize, ty: TypeId) {
        let (schema, analysis) = (self.inputs.schema, &self.inputs.layers[layer]);
        let path = self.layers[layer][&Key::Enum(ty)].clone();
        if self.sharing.type_owner(layer, ty) < layer {
            return self.reexport(layer, Group::Enums, &schema[ty].name, path);
        }
        let mut scope = Scope::default();
        let variants = analysis.constructors(ty).map(|id| {
            let constructor = &schema[id];
            Variant {
                name: scope.reserve(&variant_name(
                    constructor.name.base(),
                    schema[ty].name.base(),
                )),
                tl_name: constructor.name.to_string(),
                id: constructor.id,
                payload: self.layers[layer]
                    .get(&Key::Struct(id))
                    .filter(|_| !analysis.fields[&id].is_empty())
                    .cloned(),
                is_boxed: analysis.layout.is_boxed_variant(id),
            }
        });
        let variants: Vec<Variant> = variants.collect();
        for (variant, id) in variants.iter().zip(analysis.constructors(ty)) {
            let (constructor, natural) = (
                &schema[id],
                natural_variant_name(schema[id].name.base(), schema[ty].name.base()),
            );
            self.note_rename(
                constructor.name_span,
                constructor.name.base(),
                &natural,
                &variant.name,
            );
        }
        let shallowest = analysis.fallback.get(&ty);
        let item = Item::Enum(Enum {
            name: path.name,
            docs: self.docs.ty(&schema[ty]),
            fallback: analysis
                .constructors(ty)
                .position(|id| Some(&id) == shallowest)
                .unwrap_or(0),
            is_recursive: analysis.recursive_types[ty.index()],
            variants,
        });
        self.module(path.module).items.push(item);
    }

    fn add_struct(&mut self, layer: usize, id: CombinatorId) {
        let (schema, analysis) = (self.inputs.schema, &self.inputs.layers[layer]);
        let combinator = &schema[id];
        let (group, path) = match combinator.kind {
            CombinatorKind::Constructor => (Group::Types, &self.layers[layer][&Key::Struct(id)]),
            CombinatorKind::Function => (Group::Functions, &self.layers[layer][&Key::Function(id)]),
        };
        let path = path.clone();
        if self.sharing.combinator_owner(layer, id) < layer {
            return self.reexport(layer, group, &combinator.name, path);
        }
        let mut scope = Scope::default();
        let generics: Vec<(tl_parser::schema::VarId, String)> = query_variables(&combinator.params)
            .map(|(var, name)| (var, self.generic_name(&path.module, name, &mut scope)))
            .collect();
        let value = |shape: &Shape| self.value(layer, shape, &generics);
        let docs = |name: &str| docs::argument(combinator, name);
        let planned = fields::plan(&analysis.fields[&id], value, docs);
        for (field, planned) in analysis.fields[&id].iter().zip(&planned.fields) {
            let param = combinator
                .params
                .iter()
                .find(|param| param.var == field.var && param.name.is_some());
            if let Some(param) = param {
                self.note_rename(
                    param.span,
                    &field.name,
                    &field.name.to_snake_case(),
                    &planned.name,
                );
            }
        }
        let item = Item::Struct(Struct {
            name: path.name,
            docs: self.docs.combinator(combinator),
            id: combinator.id,
            role: self.role(layer, id, &generics),
            min_bytes: analysis.layout.min_bytes(&analysis.fields[&id]),
            is_recursive: analysis.recursive_constructors[id.index()],
            generics: generics.into_iter().map(|(_, name)| name).collect(),
            fields: planned.fields,
            reader: planned.reader,
            writer: planned.writer,
        });
        self.module(path.module).items.push(item);
    }

    /// A type parameter's name, which must not hide an item of its module.
    fn generic_name(&self, module: &ModulePath, tl_name: &str, own: &mut Scope) -> String {
        let mut name = own.reserve(&type_name(tl_name));
        while self
            .scopes
            .get(module)
            .is_some_and(|scope| scope.has(&name))
        {
            name = own.reserve(&format!("{name}Query"));
        }
        name
    }

    fn role(
        &self,
        layer: usize,
        id: CombinatorId,
        generics: &[(tl_parser::schema::VarId, String)],
    ) -> Role {
        let analysis = &self.inputs.layers[layer];
        let combinator: &Combinator = &self.inputs.schema[id];
        if combinator.kind == CombinatorKind::Constructor {
            return Role::Constructor;
        }
        Role::Function(match analysis.results.get(&id) {
            Some(shape) => Returns::Value(self.value(layer, shape, generics)),
            None => {
                let is_result = |var| matches!(combinator.result, Term::Var { var: result, .. } if result == var);
                let query = generics.iter().find(|(var, _)| is_result(*var));
                Returns::Query(query.map_or_else(String::new, |(_, name)| name.clone()))
            }
        })
    }

    fn value(
        &self,
        layer: usize,
        shape: &Shape,
        generics: &[(tl_parser::schema::VarId, String)],
    ) -> Value {
        let names = &self.layers[layer];
        match shape {
            Shape::Int => Value::Int,
            Shape::Long => Value::Long,
            Shape::Double => Value::Double,
            Shape::Bool => Value::Bool,
            Shape::True => Value::True,
            Shape::Nat | Shape::Flags => Value::Nat,
            Shape::String => Value::String,
            Shape::Bytes => Value::Bytes,
            Shape::Int128 => Value::Int128,
            Shape::Int256 => Value::Int256,
            Shape::Int512 => Value::Int512,
            Shape::Object { .. } => Value::Object,
            Shape::Boxed(ty) => Value::Item(names[&Key::Enum(*ty)].clone()),
            Shape::Bare(id) => Value::Item(names[&Key::Struct(*id)].clone()),
            Shape::Vector { is_boxed, item } => Value::Vector {
                is_boxed: *is_boxed,
                item: Box::new(self.value(layer, item, generics)),
            },
            Shape::Query(var) => {
                let name = generics
                    .iter()
                    .find(|(own, _)| own == var)
                    .map_or("", |(_, name)| name);
                Value::Generic(name.to_owned())
            }
        }
    }

    fn reexport(&mut self, layer: usize, group: Group, name: &Name, path: ItemPath) {
        let module = self.group_module(layer, group, name);
        self.module(module).items.push(Item::Reexport(path));
    }

    /// Links children to parents.
    fn finish(mut self) -> Vec<Module> {
        let paths: Vec<_> = self.modules.keys().cloned().collect();
        for path in paths {
            let Some((name, parent)) = path.split_last() else {
                continue;
            };
            let docs = self.modules[&path].docs.clone();
            let child = Child {
                name: name.clone(),
                docs,
                is_top: parent.is_empty(),
            };
            if let Some(parent) = self.modules.get_mut(parent) {
                parent.children.push(child);
            }
        }
        self.modules.into_values().collect()
    }
}

/// Whether a type has an enum: `Object` stands for any boxed value, not just for what the schema constructs of it.
fn has_enum(schema: &Schema, ty: TypeId) -> bool {
    schema[ty].builtin != Some(Builtin::Object)
}

/// Whether a constructor has a struct: one without fields is a mere variant, unless it is used bare.
fn has_struct(analysis: &Analysis<'_>, id: CombinatorId) -> bool {
    !analysis.fields[&id].is_empty() || analysis.used_bare.contains(&id)
}

/// Every combinator that is generated, and the built-in ones that the schema defines.
fn registry(inputs: &Inputs<'_>) -> Vec<(u32, String)> {
    let is_listed = |id: CombinatorId, combinator: &Combinator| {
        let is_builtin = combinator.builtin.is_some() && combinator.explicit_id.is_some();
        is_builtin
            || inputs
                .layers
                .iter()
                .any(|analysis| analysis.fields.contains_key(&id))
    };
    let listed = inputs
        .schema
        .combinators()
        .filter(|(id, combinator)| is_listed(*id, combinator));
    let entries: BTreeMap<_, _> = listed
        .map(|(_, combinator)| (combinator.id, combinator.name.to_string()))
        .collect();
    entries.into_iter().collect()
}
