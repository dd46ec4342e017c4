//! The planning pass: from the analyses of a schema's layers to modules full of named items.

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::ToSnakeCase;
use tl_parser::diagnostic::Diagnostic;
use tl_parser::schema::{
    Builtin, Combinator, CombinatorId, CombinatorKind, Kind, Name, Schema, Term, TypeId, VarId,
};
use tl_parser::span::Sources;

use super::docs::{self, DocsMaker};
use super::naming::{Group, Key, Names};
use super::serve;
use super::share::Sharing;
use super::values::{self, Place, Variables};
use super::{
    Arg, Child, Enum, FunctionNames, Generic, Item, ItemPath, Known, Module, ModulePath, Nat,
    NatParam, NatRule, NatSource, NumberTest, Opaque, OpaqueVariant, Ownership, Param, Plan, Role,
    Struct, Style, Value, Variant,
};
use super::{CutDocs, borrow, boxed, decorate, definitions, methods, shapes};
use crate::analysis::fields::type_variables;
use crate::analysis::{self, Analysis, Arguments, Pattern, Presence, Shape};
use crate::rust::names::{Scope, natural_variant_name, snake_name, type_name, variant_name};
use crate::{Error, Unknown};

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
    /// What docs say of what is cut.
    pub cut: CutDocs,
}

impl Inputs<'_> {
    /// Whether something follows an object of any type anywhere.
    pub(super) fn passes_objects(&self) -> bool {
        self.layers.iter().any(|layer| layer.has_known_objects)
    }
}

/// Makes the plan.
pub(crate) fn build(inputs: Inputs<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<Plan, Error> {
    let sharing = Sharing::find(inputs.schema, &inputs.layers);
    let docs = DocsMaker {
        sources: inputs.sources,
        link: inputs.docs_link,
    };
    let mut builder = Builder {
        inputs: &inputs,
        renames: Vec::new(),
        noted_modules: HashSet::new(),
        sharing,
        arguments: arguments(&inputs.layers),
        docs,
        scopes: HashMap::new(),
        layers: Vec::new(),
        modules: BTreeMap::new(),
        records: Vec::new(),
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
    let known = known(&builder);
    decorate::decorate(&mut builder.modules, &inputs.style)?;
    let definitions = definitions::add(&mut builder);
    if inputs.style.borrowed {
        borrow::add(&mut builder.modules);
    }
    methods::add(&mut builder.modules, &inputs.style);
    if inputs.style.dispatcher {
        serve::add(&mut builder);
    }
    let mut modules = builder.finish();
    mark_untagged(&mut modules);
    if inputs.style.boxed_structs {
        boxed::mark(&mut modules, &inputs.style);
    }
    let shapes = match inputs.style.derive_each {
        true => Vec::new(),
        false => shapes::add(&mut modules),
    };
    Ok(Plan {
        modules,
        shapes,
        definitions,
        registry: registry(&inputs),
        style: Style {
            // To find where an object ends, it is read.
            read_functions: inputs.style.read_functions || known.is_some(),
            ..inputs.style.clone()
        },
        known,
    })
}

pub(super) struct Builder<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    /// Notes on names that could not be kept.
    pub(super) renames: Vec<Diagnostic>,
    /// The modules that are among them.
    pub(super) noted_modules: HashSet<ModulePath>,
    pub(super) sharing: Sharing,
    /// What stands in functions' arguments alone at every layer; none where there is no layer.
    arguments: Option<Arguments>,
    pub(super) docs: DocsMaker<'a>,
    pub(super) scopes: HashMap<ModulePath, Scope>,
    pub(super) layers: Vec<Names>,
    pub(super) modules: BTreeMap<ModulePath, Module>,
    /// What the repetitions of the struct being planned repeat.
    pub(super) records: Vec<Struct>,
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
            if analysis.opaque.types.contains(&ty) {
                self.add_opaque(layer, ty);
            } else if has_enum(inputs.schema, ty) {
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
        let mut names = values::Names::of(&[]);
        let params = self.enum_params(layer, ty, &path.module, &mut names);
        let mut scope = Scope::default();
        // Before the constructors: it has the same name in all enums.
        let unknown =
            (self.inputs.style.unknown == Unknown::Keep).then(|| scope.reserve("Unknown"));
        let opaque = analysis.opaque.of_type(ty).iter().map(|&id| {
            let constructor = &schema[id];
            (constructor.id, constructor.name.to_string())
        });
        let opaque: Vec<_> = opaque.collect();
        let opaque = (!opaque.is_empty()).then(|| OpaqueVariant {
            name: scope.reserve("Opaque"),
            constructors: opaque,
            table: definitions::table_path(self, layer),
        });
        let mut variants = Vec::new();
        for id in analysis.constructors(ty) {
            let constructor = &schema[id];
            let (tl_name, ty_name) = (constructor.name.base(), schema[ty].name.base());
            let name = scope.reserve(&variant_name(tl_name, ty_name));
            let natural = natural_variant_name(tl_name, ty_name);
            self.note_rename(constructor.name_span, tl_name, &natural, &name);
            let payload = self.payload(layer, id, &params);
            let rules = match payload {
                Some(_) => Vec::new(),
                None => self.nat_params(layer, id, &[], &params),
            };
            variants.push(Variant {
                name,
                tl_name: constructor.name.to_string(),
                id: constructor.id,
                tests: self.number_tests(layer, id, &params),
                is_boxed: payload.is_some() && analysis.layout.is_boxed_variant(id),
                docs: docs::description(constructor).filter(|_| !has_struct(analysis, id)),
                payload,
                rules,
            });
        }
        let mut params: Vec<Param> = params.into_iter().flatten().collect();
        let is_used = |variant: &Variant| {
            variant.payload.is_some() || variant.rules.iter().any(|rule| rule.rule != NatRule::Any)
        };
        if !variants.iter().any(is_used) {
            params.iter_mut().for_each(mark_unused);
        }
        let shallowest = analysis.fallback.get(&ty);
        let item = Item::Enum(Enum {
            name: path.name,
            docs: self.docs.ty(&schema[ty]),
            generics: values::type_params(&params)
                .map(|param| param.generic.clone())
                .collect(),
            names: FunctionNames::of(&params, &[]),
            ownership: Ownership::Plain,
            has_shape: false,
            json: None,
            attributes: Vec::new(),
            default: None,
            accessors: Vec::new(),
            params,
            has_untagged: false,
            fallback: analysis
                .constructors(ty)
                .position(|id| Some(&id) == shallowest)
                .unwrap_or(0),
            is_recursive: analysis.recursive_types[ty.index()],
            is_argument: self
                .arguments
                .as_ref()
                .is_some_and(|own| own.alone_hold(ty)),
            is_boxed_struct: false,
            variants,
            unknown,
            opaque,
        });
        self.module(path.module).items.push(item);
    }

    fn add_opaque(&mut self, layer: usize, ty: TypeId) {
        let (schema, analysis) = (self.inputs.schema, &self.inputs.layers[layer]);
        let path = self.layers[layer][&Key::Enum(ty)].clone();
        if self.sharing.type_owner(layer, ty) < layer {
            return self.reexport(layer, Group::Enums, &schema[ty].name, path);
        }
        let ids = analysis.opaque.of_type(ty).iter().map(|id| schema[*id].id);
        let item = Item::Opaque(Opaque {
            name: path.name,
            docs: self.docs.ty(&schema[ty]),
            ids: ids.collect(),
            ownership: Ownership::Plain,
            attributes: Vec::new(),
            json: None,
            table: definitions::table_path(self, layer),
        });
        self.module(path.module).items.push(item);
    }

    /// What reading a type must be told, by the positions of its parameters; nothing for those that no value has.
    fn enum_params(
        &mut self,
        layer: usize,
        ty: TypeId,
        module: &ModulePath,
        names: &mut values::Names,
    ) -> Vec<Option<Param>> {
        let (schema, analysis) = (self.inputs.schema, &self.inputs.layers[layer]);
        let used: Vec<_> = analysis.generics.of_type(ty).collect();
        let mut generics = Scope::default();
        let mut params = Vec::new();
        for (at, kind) in schema[ty].params.iter().enumerate() {
            // The name that the first constructor to give one gives.
            let named = analysis.constructors(ty).find_map(|id| {
                let var = match analysis.patterns.get(&id)?.get(at)? {
                    Pattern::Type(var) => *var,
                    Pattern::Nat(nat) => nat.var?,
                };
                variable_name(&schema[id], var)
            });
            params.push(match kind {
                Kind::Type if used.contains(&at) => {
                    let generic = self.generic_name(module, named.unwrap_or("X"), &mut generics);
                    Some(Param::Type(names.type_param(&generic)))
                }
                Kind::Type => None,
                Kind::Nat => Some(Param::Nat(NatParam {
                    name: names.reserve(&snake_name(named.unwrap_or("number"))),
                    rule: NatRule::Any,
                })),
            });
        }
        params
    }

    /// A constructor's struct as a variant's payload; none for one without fields. `params` are its enum's.
    fn payload(&self, layer: usize, id: CombinatorId, params: &[Option<Param>]) -> Option<Value> {
        let analysis = &self.inputs.layers[layer];
        let path = self.layers[layer].get(&Key::Struct(id))?;
        if analysis.fields[&id].is_empty() {
            return None;
        }
        let patterns = analysis.patterns.get(&id).map_or(&[][..], Vec::as_slice);
        let generics = analysis.generics.of_constructor(id);
        let args = params.iter().zip(patterns).filter_map(|(param, pattern)| {
            Some(match (param.as_ref()?, pattern) {
                (Param::Type(param), Pattern::Type(var)) if generics.contains(var) => {
                    Arg::Type(Value::Generic(param.as_generic()))
                }
                (Param::Nat(param), Pattern::Nat(_)) => Arg::Nat(Nat {
                    source: Some(NatSource::Param(param.name.clone())),
                    plus: 0,
                }),
                _ => return None,
            })
        });
        Some(Value::Item {
            path: path.clone(),
            args: args.collect(),
            is_borrowed: false,
            is_untagged: false,
        })
    }

    /// What a constructor asks of the numbers that are passed to its enum.
    fn number_tests(
        &self,
        layer: usize,
        id: CombinatorId,
        params: &[Option<Param>],
    ) -> Vec<(String, NumberTest)> {
        let analysis = &self.inputs.layers[layer];
        let patterns = analysis.patterns.get(&id).map_or(&[][..], Vec::as_slice);
        let tests = params.iter().zip(patterns).filter_map(|(param, pattern)| {
            let (Some(Param::Nat(param)), Pattern::Nat(nat)) = (param, pattern) else {
                return None;
            };
            let test = match nat {
                analysis::Nat { var: None, plus } => NumberTest::Equal(*plus),
                analysis::Nat { plus: 0, .. } => return None,
                analysis::Nat { plus, .. } => NumberTest::AtLeast(*plus),
            };
            Some((param.name.clone(), test))
        });
        tests.collect()
    }

    /// What a constructor without a struct says of the numbers that are passed to its enum.
    fn nat_params(
        &self,
        layer: usize,
        id: CombinatorId,
        used: &[VarId],
        params: &[Option<Param>],
    ) -> Vec<NatParam> {
        let analysis = &self.inputs.layers[layer];
        let patterns = analysis.patterns.get(&id).map_or(&[][..], Vec::as_slice);
        let mut bound = HashMap::new();
        let nats =
            params
                .iter()
                .zip(patterns)
                .filter_map(|(param, pattern)| match (param, pattern) {
                    (Some(Param::Nat(param)), Pattern::Nat(nat)) => {
                        let name = param.name.clone();
                        let rule = nat_rule(*nat, &name, &mut bound, used, || name.clone());
                        Some(NatParam { name, rule })
                    }
                    _ => None,
                });
        nats.collect()
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
        let own = &analysis.fields[&id];
        let mut names = values::Names::of(own);
        let mut variables = Variables::default();
        let (generics, params) = match combinator.kind {
            CombinatorKind::Constructor => {
                let params =
                    self.struct_params(layer, id, &path.module, &mut names, &mut variables);
                let generics = values::type_params(&params).map(|param| param.generic.clone());
                (generics.collect(), params)
            }
            CombinatorKind::Function => {
                let generics = self.function_generics(combinator, &path.module, &mut variables);
                (generics, Vec::new())
            }
        };
        variables.declare(own, &names.fields);
        let arguments = self.arguments.as_ref();
        let is_argument = combinator.kind == CombinatorKind::Function
            || arguments.is_some_and(|own| own.alone_hold_bare(id));
        let place = Place {
            layer,
            module: &path.module,
            owner: &path.name,
            combinator,
            is_argument,
        };
        let mut fields = self.fields(&place, &variables, own, &names);
        let argument_docs = docs::ArgumentDocs::of(combinator);
        for (field, planned) in own.iter().zip(&mut fields) {
            if field.is_named {
                planned.docs = argument_docs.get(&field.name);
                if self.inputs.style.nullable_docs {
                    planned.null = planned.docs.as_deref().and_then(docs::null);
                }
            }
        }
        self.note_renamed_fields(combinator, own, &fields);
        let role = match combinator.kind {
            CombinatorKind::Constructor => Role::Constructor,
            CombinatorKind::Function => {
                self.declare_returned(own, &fields, &mut variables);
                let returns = match (analysis.results.get(&id), &combinator.result) {
                    (Some(shape), _) => self.value(&place, &variables, shape, &path.name),
                    (None, Term::Var { var, .. }) => {
                        self.value(&place, &variables, &Shape::Var(*var), &path.name)
                    }
                    (None, _) => Value::True,
                };
                Role::Function { returns }
            }
        };
        let item = Item::Struct(Struct {
            name: path.name.clone(),
            docs: self.docs.combinator(combinator),
            id: combinator.id,
            generics,
            queries: variables
                .returned
                .into_values()
                .map(|(generic, _)| generic)
                .collect(),
            names: FunctionNames::of(&params, &fields),
            ownership: Ownership::Plain,
            has_shape: false,
            json: None,
            attributes: Vec::new(),
            has_default: false,
            setters: None,
            params,
            fields,
            role,
            min_bytes: analysis.layout.min_bytes(own),
            is_recursive: analysis.recursive_constructors[id.index()],
            is_argument,
        });
        let records = std::mem::take(&mut self.records);
        let module = self.module(path.module.clone());
        module.items.push(item);
        module.items.extend(records.into_iter().map(Item::Struct));
    }

    /// Notes what arguments of a combinator, or of a repetition in it, have another name in Rust.
    pub(super) fn note_renamed_fields(
        &mut self,
        combinator: &Combinator,
        own: &[analysis::Field],
        planned: &[super::Field],
    ) {
        let mut spans = None;
        for (field, planned) in own.iter().zip(planned).filter(|(own, _)| own.is_named) {
            let natural = field.name.to_snake_case();
            if planned.name.trim_start_matches("r#") == natural {
                continue;
            }
            let spans = spans.get_or_insert_with(|| values::spans(&combinator.params));
            let span = spans.get(&field.var).copied();
            let span = span.unwrap_or(combinator.name_span);
            self.note_rename(span, &field.name, &natural, &planned.name);
        }
    }

    /// What reading a constructor must be told, and what its variables are by that.
    fn struct_params(
        &mut self,
        layer: usize,
        id: CombinatorId,
        module: &ModulePath,
        names: &mut values::Names,
        variables: &mut Variables,
    ) -> Vec<Param> {
        let (combinator, analysis) = (&self.inputs.schema[id], &self.inputs.layers[layer]);
        let own = &analysis.fields[&id];
        let mut used = Vec::new();
        for field in own {
            field.nats(&mut |var| used.push(var));
        }
        // A field that the result names, too, is read and not passed in. Variables ascend.
        used.retain(|var| own.binary_search_by_key(var, |field| field.var).is_err());
        let generics = analysis.generics.of_constructor(id);
        let mut scope = Scope::default();
        let mut bound = HashMap::new();
        let mut params = Vec::new();
        let patterns = analysis.patterns.get(&id).map_or(&[][..], Vec::as_slice);
        for pattern in patterns {
            match pattern {
                Pattern::Type(var) if generics.contains(var) => {
                    let tl_name = variable_name(combinator, *var).unwrap_or("X");
                    let generic = self.generic_name(module, tl_name, &mut scope);
                    let param = names.type_param(&generic);
                    variables.types.insert(*var, param.as_generic());
                    params.push(Param::Type(param));
                }
                Pattern::Type(_) => {}
                Pattern::Nat(nat) => {
                    let tl_name = nat.var.and_then(|var| variable_name(combinator, var));
                    let natural = snake_name(tl_name.unwrap_or("number"));
                    let is_first = nat.var.is_some_and(|var| !bound.contains_key(&var));
                    let wanted = match nat.plus {
                        0 => natural.clone(),
                        plus => format!("{natural}_plus_{plus}"),
                    };
                    let name = names.reserve(&wanted);
                    let own = if is_first && nat.plus > 0 {
                        names.reserve(&natural)
                    } else {
                        name.clone()
                    };
                    let rule = nat_rule(*nat, &name, &mut bound, &used, || own.clone());
                    if let (true, Some(var)) = (is_first, nat.var) {
                        variables.nats.insert(var, NatSource::Param(own));
                    }
                    let mut param = Param::Nat(NatParam { name, rule });
                    let is_used = nat.var.is_some_and(|var| {
                        let is_named = |other: &&Pattern| matches!(other, Pattern::Nat(other) if other.var == Some(var));
                        used.contains(&var) || patterns.iter().filter(is_named).count() > 1
                    });
                    if !is_used && nat.plus == 0 && nat.var.is_some() {
                        mark_unused(&mut param);
                    }
                    params.push(param);
                }
            }
        }
        params
    }

    /// The type parameters of a function: what it wraps, and the types of its arguments.
    fn function_generics(
        &self,
        function: &Combinator,
        module: &ModulePath,
        variables: &mut Variables,
    ) -> Vec<String> {
        let mut scope = Scope::default();
        let generics = type_variables(&function.params).map(|(var, tl_name)| {
            let name = self.generic_name(module, tl_name, &mut scope);
            variables.types.insert(var, Generic::Plain(name.clone()));
            name
        });
        generics.collect()
    }

    /// What queries return, for the result of the function that wraps them.
    fn declare_returned(
        &self,
        own: &[analysis::Field],
        planned: &[super::Field],
        variables: &mut Variables,
    ) {
        let mut fields: Vec<_> = own.iter().zip(planned).collect();
        // Only a query that is there tells what it returns.
        fields.sort_by_key(|(field, _)| field.presence != Presence::Always);
        for (field, planned) in fields {
            if let Shape::Query(var) = field.shape
                && let Some(generic) = variables.types.get(&var)
            {
                let returned = (generic.name().to_owned(), planned.name.clone());
                variables.returned.entry(var).or_insert(returned);
            }
        }
    }

    /// A type parameter's name, which must not hide an item of its module.
    fn generic_name(&self, module: &ModulePath, tl_name: &str, own: &mut Scope) -> String {
        let mut name = own.reserve(&type_name(tl_name));
        let word = name.trim_end_matches('_').to_owned();
        while self
            .scopes
            .get(module)
            .is_some_and(|scope| scope.has(&name))
        {
            name = own.reserve(&format!("{word}Query"));
        }
        name
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
            // What it says further stands in the module itself.
            let docs = self.modules[&path].docs[..1].to_vec();
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

/// The TL name of a variable that stands in braces.
fn variable_name(combinator: &Combinator, var: VarId) -> Option<&str> {
    let mut params = combinator.params.iter();
    params.find(|param| param.var == var)?.name.as_deref()
}

/// What a constructor says of one number that is passed in. `bound` are the variables that have a name already.
fn nat_rule(
    nat: analysis::Nat,
    name: &str,
    bound: &mut HashMap<VarId, String>,
    used: &[VarId],
    own: impl Fn() -> String,
) -> NatRule {
    let Some(var) = nat.var else {
        return NatRule::Equal(nat.plus);
    };
    if let Some(first) = bound.get(&var) {
        return NatRule::Same(first.clone(), nat.plus);
    }
    if nat.plus == 0 {
        bound.insert(var, name.to_owned());
        return NatRule::Any;
    }
    bound.insert(var, own());
    NatRule::More {
        name: used.contains(&var).then(own),
        plus: nat.plus,
    }
}

/// A number that nothing uses gets a name that says so.
fn mark_unused(param: &mut Param) {
    if let Param::Nat(param) = param {
        param.name = format!("_{}", param.name.trim_start_matches("r#"));
    }
}

/// Who reads what at any layer: an item is that of all layers which have the same.
fn arguments(layers: &[Analysis<'_>]) -> Option<Arguments> {
    let (first, others) = layers.split_first()?;
    let mut all = first.arguments.clone();
    others.iter().for_each(|layer| all.add(&layer.arguments));
    Some(all)
}

/// Marks the enums that are read and written without ids somewhere.
fn mark_untagged(modules: &mut [Module]) {
    let mut untagged = HashSet::new();
    let items = modules.iter().flat_map(|module| &module.items);
    for value in items.flat_map(Item::values) {
        value.walk(&mut |value| {
            if let Value::Item {
                path,
                is_untagged: true,
                ..
            } = value
            {
                untagged.insert(path.clone());
            }
        });
    }
    for module in modules.iter_mut().filter(|_| !untagged.is_empty()) {
        for item in &mut module.items {
            if let Item::Enum(item) = item {
                item.has_untagged = untagged.contains(&ItemPath {
                    module: module.path.clone(),
                    name: item.name.clone(),
                });
            }
        }
    }
}

/// What objects of any type are passed over by, where one is followed by something.
fn known(builder: &Builder<'_>) -> Option<Known> {
    let (layer, analysis) = builder.inputs.layers.iter().enumerate().next_back()?;
    if !builder.inputs.passes_objects() {
        return None;
    }
    let schema = builder.inputs.schema;
    let names = &builder.layers[layer];
    let has_params = |id: CombinatorId| analysis.patterns.contains_key(&id);
    let types = analysis.types().filter(|&ty| has_enum(schema, ty));
    let types = types.filter(|&ty| !analysis.constructors(ty).any(has_params));
    let functions = analysis
        .functions()
        .filter(|&id| type_variables(&schema[id].params).next().is_none());
    Some(Known {
        types: types
            .map(|ty| {
                let own: Vec<_> = match analysis.opaque.types.contains(&ty) {
                    true => Vec::new(),
                    false => analysis.constructors(ty).collect(),
                };
                let all = own.iter().chain(analysis.opaque.of_type(ty));
                let ids = all.map(|&id| schema[id].id);
                (ids.collect(), names[&Key::Enum(ty)].clone())
            })
            .collect(),
        functions: functions
            .map(|id| (schema[id].id, names[&Key::Function(id)].clone()))
            .collect(),
    })
}

/// Whether a type has an enum: `Object` stands for any boxed value, not just for what the schema constructs of it.
pub(super) fn has_enum(schema: &Schema, ty: TypeId) -> bool {
    schema[ty].builtin != Some(Builtin::Object)
}

/// Whether a constructor has a struct: one without fields is a mere variant, unless it is used bare.
pub(super) fn has_struct(analysis: &Analysis<'_>, id: CombinatorId) -> bool {
    !analysis.fields[&id].is_empty() || analysis.used_bare.contains(&id)
}

/// Every combinator that is generated, and the built-in ones that the schema defines.
fn registry(inputs: &Inputs<'_>) -> Vec<(u32, String)> {
    let is_listed = |id: CombinatorId, combinator: &Combinator| {
        let is_builtin = combinator.builtin.is_some() && combinator.explicit_id.is_some();
        is_builtin
            || inputs.layers.iter().any(|analysis| {
                analysis.fields.contains_key(&id) || analysis.opaque.lines.contains_key(&id)
            })
    };
    let listed = inputs
        .schema
        .combinators()
        .filter(|(id, combinator)| is_listed(*id, combinator));
    // Where a constructor and a function share an id, it is the constructor's: values say of themselves what they are.
    let mut entries: BTreeMap<u32, &Combinator> = BTreeMap::new();
    for (_, combinator) in listed {
        let entry = entries.entry(combinator.id).or_insert(combinator);
        if combinator.kind == CombinatorKind::Constructor || entry.kind == combinator.kind {
            *entry = combinator;
        }
    }
    let named = entries.into_iter();
    named
        .map(|(id, combinator)| (id, combinator.name.to_string()))
        .collect()
}
