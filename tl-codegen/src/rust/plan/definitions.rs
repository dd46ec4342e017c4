//! Definitions as text, a line for each constructor and function: what serde needs, for which the runtime's one implementation
//! goes by them for all types, and what values kept as bytes end by. The runtime's `wire::Definitions` says how they are
//! written.
//!
//! They come from the schema and know nothing of Rust: the names are TL's, and so are the types.

use std::collections::HashSet;

use tl_parser::schema::{
    Builtin, Combinator, CombinatorId, CombinatorKind, Condition, Param, Repeat, Term, TypeId,
    VarId, View,
};

use super::build::Builder;
use super::naming::Key;
use super::{Item, ItemPath, JsonForm};
use crate::analysis::{Analysis, Nesting};

/// The definitions of one layer.
#[derive(Debug)]
pub struct Definitions {
    /// The name of the table.
    pub name: String,
    /// The layer, in a layered schema.
    pub layer: Option<u32>,
    /// The constructors, by id.
    pub constructors: Vec<(u32, String)>,
    /// The ids of the constructors by type and name.
    pub by_type: Vec<u32>,
    /// The functions, by id.
    pub functions: Vec<(u32, String)>,
    /// Whether values are kept as bytes that end where it says.
    pub has_opaque: bool,
}

/// Where the table of a layer is.
pub(super) fn table_path(builder: &Builder<'_>, layer: usize) -> ItemPath {
    let analysis = &builder.inputs.layers[layer];
    let is_layered = !builder.inputs.schema.layers().is_empty();
    ItemPath {
        module: vec!["registry".to_owned()],
        name: match analysis.view.layer().filter(|_| is_layered) {
            Some(number) => format!("DEFINITIONS_{number}"),
            None => "DEFINITIONS".to_owned(),
        },
    }
}

/// Gives all items their forms, where serde needs them, and returns the tables that there are.
pub(super) fn add(builder: &mut Builder<'_>) -> Vec<Definitions> {
    let mut tables = Vec::new();
    let mut forms = Vec::new();
    let has_serde = builder.inputs.style.serde;
    for (layer, analysis) in builder.inputs.layers.iter().enumerate() {
        if !has_serde && analysis.opaque.lines.is_empty() {
            continue;
        }
        let is_layered = !builder.inputs.schema.layers().is_empty();
        let number = analysis.view.layer().filter(|_| is_layered);
        let table = table_path(builder, layer);
        tables.push(definitions(analysis, has_serde, table.name.clone(), number));
        for (key, path) in builder.layers[layer].iter().filter(|_| has_serde) {
            let (is_owner, form) = match key {
                Key::Enum(ty) => (
                    builder.sharing.type_owner(layer, *ty) == layer,
                    boxed(&analysis.view, *ty),
                ),
                Key::Struct(id) | Key::Function(id) => (
                    builder.sharing.combinator_owner(layer, *id) == layer,
                    bare(&analysis.view, *id),
                ),
            };
            if let (true, Some(form)) = (is_owner, form) {
                let table = table.clone();
                forms.push((path.clone(), JsonForm { form, table }));
            }
        }
    }
    for (path, form) in forms {
        let items = builder.modules.get_mut(&path.module);
        let items = items.into_iter().flat_map(|module| &mut module.items);
        for item in items {
            match item {
                Item::Struct(item) if item.name == path.name && item.params.is_empty() => {
                    item.json = Some(form.clone());
                }
                Item::Enum(item) if item.name == path.name && item.params.is_empty() => {
                    item.json = Some(form.clone());
                }
                Item::Opaque(item) if item.name == path.name => item.json = Some(form.clone()),
                _ => {}
            }
        }
    }
    tables
}

/// The form of an enum's values.
fn boxed(view: &View<'_>, ty: TypeId) -> Option<String> {
    let no_variables = Lines::of(view, None);
    Some(no_variables.term(&Term::Boxed(ty, Default::default())))
}

/// The form of a struct's values; none for a call with arguments of types that only Rust knows.
fn bare(view: &View<'_>, id: CombinatorId) -> Option<String> {
    let combinator = &view.schema()[id];
    if combinator.kind == CombinatorKind::Constructor {
        return Some(format!("%{:08x}", combinator.id));
    }
    let mut is_told = true;
    Param::walk(&combinator.params, &mut |param| {
        is_told &= param.is_query || !has_type_variable(combinator, &param.ty);
    });
    is_told.then(|| format!("call:{:08x}", combinator.id))
}

fn has_type_variable(combinator: &Combinator, term: &Term) -> bool {
    match term {
        Term::Var { var, .. } => combinator
            .params
            .iter()
            .any(|param| param.var == *var && param.ty == Term::Type),
        Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
            args.iter().any(|arg| has_type_variable(combinator, arg))
        }
        _ => false,
    }
}

fn definitions(
    analysis: &Analysis<'_>,
    has_serde: bool,
    name: String,
    layer: Option<u32>,
) -> Definitions {
    let view = &analysis.view;
    let opaque = &analysis.opaque.lines;
    let of_kind = |kind| {
        let schema = view.schema();
        let own = schema.combinators().filter(|(id, _)| {
            has_serde && analysis.fields.contains_key(id) || opaque.contains_key(id)
        });
        let mut own: Vec<_> = own.filter(|(_, own)| own.kind == kind).collect();
        own.sort_by_key(|(_, own)| own.id);
        own
    };
    let constructors = of_kind(CombinatorKind::Constructor);
    let type_name = |at: usize| {
        let ty = view.schema().result_type(constructors[at].0);
        ty.map(|ty| view.schema()[ty].name.as_str())
    };
    let mut by_type: Vec<_> = (0..constructors.len()).collect();
    by_type.sort_by_key(|&at| (type_name(at), constructors[at].1.name.as_str()));
    let by_type = by_type.into_iter().map(|at| constructors[at].1.id);
    let lines = |combinators: &[(CombinatorId, &Combinator)]| {
        let line = |&(id, own): &(CombinatorId, &Combinator)| {
            let nesting = opaque.get(&id).copied();
            let nesting = nesting.unwrap_or_else(|| analysis.nesting(id));
            (own.id, Lines::of(view, Some(id)).line(nesting))
        };
        combinators.iter().map(line).collect()
    };
    Definitions {
        name,
        layer,
        by_type: by_type.collect(),
        has_opaque: !opaque.is_empty(),
        constructors: lines(&constructors),
        functions: lines(&of_kind(CombinatorKind::Function)),
    }
}

/// Writes the line of one combinator.
struct Lines<'l, 'a> {
    view: &'l View<'a>,
    combinator: Option<&'a Combinator>,
    /// All arguments, those in repetitions too, with the names that stand for them.
    names: Vec<(VarId, String)>,
    types: HashSet<VarId>,
}

impl<'l, 'a> Lines<'l, 'a> {
    fn of(view: &'l View<'a>, id: Option<CombinatorId>) -> Self {
        let combinator = id.map(|id| &view.schema()[id]);
        let mut lines = Self {
            view,
            combinator,
            names: Vec::new(),
            types: HashSet::new(),
        };
        if let Some(combinator) = combinator {
            lines.add_names(&combinator.params);
        }
        lines
    }

    fn add_names(&mut self, params: &[Param]) {
        self.names.extend(
            params
                .iter()
                .filter(|param| param.is_implicit)
                .map(|param| (param.var, param.name.as_deref().unwrap_or("X").to_owned())),
        );
        let on_wire: Vec<_> = params.iter().filter(|param| !param.is_implicit).collect();
        let names = unique_names(&on_wire);
        self.names
            .extend(on_wire.iter().map(|param| param.var).zip(names));
        for param in params {
            match &param.ty {
                Term::Type => {
                    self.types.insert(param.var);
                }
                Term::Repeat(repeat) => self.add_names(&repeat.params),
                _ => {}
            }
        }
    }

    fn name(&self, var: VarId) -> &str {
        let found = self.names.iter().find(|(own, _)| *own == var);
        found.map_or("_", |(_, name)| name)
    }

    /// `user User flags:^ id:long name:flags.0?string`
    fn line(&self, nesting: Nesting) -> String {
        let Some(combinator) = self.combinator else {
            return String::new();
        };
        let result = match (&combinator.result, combinator.kind) {
            (Term::Boxed(ty, args), CombinatorKind::Constructor) => {
                let name = self.view.schema()[*ty].name.as_str();
                format!("{name}{}", self.args(args))
            }
            _ => "-".to_owned(),
        };
        let fields = self.fields(&combinator.params);
        let mark = |nests: bool| if nests { "*" } else { "" };
        let (bare, boxed) = (mark(nesting.bare), mark(nesting.boxed));
        let line = format!(
            "{bare}{} {boxed}{result} {}",
            combinator.name,
            fields.join(" ")
        );
        line.trim_end().to_owned()
    }

    fn fields(&self, params: &[Param]) -> Vec<String> {
        let params: Vec<_> = params.iter().filter(|param| !param.is_implicit).collect();
        let fields = params.iter().enumerate().map(|(at, param)| {
            let form = match &param.ty {
                _ if param.is_query => "call".to_owned(),
                _ if self.is_mask(&params, param) => format!("^{:x}", known_bits(&params, param)),
                _ if self.is_length(&params, at) => "~".to_owned(),
                ty => self.term(ty),
            };
            let condition = param.condition.map(|condition| self.condition(condition));
            let (name, condition) = (self.name(param.var), condition.unwrap_or_default());
            format!("{name}:{condition}{form}")
        });
        fields.collect()
    }

    fn condition(&self, condition: Condition) -> String {
        let word = self.name(condition.word);
        match condition.bit {
            Some(bit) => format!("{word}.{bit}?"),
            None => format!("{word}?"),
        }
    }

    fn term(&self, term: &Term) -> String {
        let schema = self.view.schema();
        match term {
            Term::Nat => "#".to_owned(),
            Term::Boxed(ty, args) => match (schema[*ty].builtin, &args[..]) {
                (Some(Builtin::Bool), _) => "Bool".to_owned(),
                (Some(Builtin::Object | Builtin::Function), _) => "object".to_owned(),
                (Some(Builtin::Vector), [item]) => format!("Vector<{}>", self.term(item)),
                (builtin, _) => {
                    let mut constructors = self.view.constructors(*ty);
                    let only = constructors
                        .next()
                        .filter(|_| constructors.next().is_none());
                    match (builtin.and_then(name_of), only) {
                        (Some(name), Some(only)) if schema[*ty].params.is_empty() => {
                            format!("={:08x}:{name}", schema[only].id)
                        }
                        _ => format!("!{}{}", schema[*ty].name, self.args(args)),
                    }
                }
            },
            Term::Bare(id, args) => match (schema[*id].builtin, &args[..]) {
                (Some(Builtin::Vector), [item]) => format!("vector<{}>", self.term(item)),
                (Some(builtin), []) => name_of(builtin).unwrap_or("object").to_owned(),
                _ => {
                    let id = schema[self.view.current(*id)].id;
                    format!("%{id:08x}{}", self.args(args))
                }
            },
            Term::BareType(ty, args) => format!("@{}{}", schema[*ty].name, self.args(args)),
            Term::Var { var, bare } if self.types.contains(var) => {
                format!("{}${}", if *bare { "%" } else { "" }, self.name(*var))
            }
            Term::Var { var, .. } => self.name(*var).to_owned(),
            Term::Repeat(repeat) => self.repeat(repeat),
            Term::Number(number) => number.to_string(),
            Term::Sum(term, plus) => format!("{}+{plus}", self.term(term)),
            Term::Type => "?".to_owned(),
        }
    }

    fn repeat(&self, repeat: &Repeat) -> String {
        let count = self.term(&repeat.count);
        match &repeat.params[..] {
            [only] if only.name.is_none() && only.condition.is_none() => {
                format!("{count}*[{}]", self.term(&only.ty))
            }
            params => format!("{count}*{{{}}}", self.fields(params).join(";")),
        }
    }

    fn args(&self, args: &[Term]) -> String {
        let args: Vec<_> = args.iter().map(|arg| self.term(arg)).collect();
        match &args[..] {
            [] => String::new(),
            args => format!("<{}>", args.join(",")),
        }
    }

    /// Whether an `int` states the size of the object after it.
    fn is_length(&self, params: &[&Param], at: usize) -> bool {
        let param = params[at];
        let next_is_object = params.get(at + 1).is_some_and(|next| {
            next.condition.is_none() && !next.is_query && self.term(&next.ty) == "object"
        });
        param.name.as_deref() == Some("bytes")
            && param.condition.is_none()
            && self.term(&param.ty) == "int"
            && next_is_object
    }

    /// Whether a number tells nothing but which fields beside it follow.
    fn is_mask(&self, params: &[&Param], word: &Param) -> bool {
        let Some(combinator) = self.combinator else {
            return false;
        };
        if word.ty != Term::Nat || word.condition.is_some() {
            return false;
        }
        let mut has_users = false;
        let mut is_used_otherwise = uses(&combinator.result, word.var);
        Param::walk(&combinator.params, &mut |user| {
            if let Some(condition) = user.condition.filter(|it| it.word == word.var) {
                has_users = true;
                let is_beside = params.iter().any(|param| param.var == user.var);
                is_used_otherwise |= !is_beside || condition.bit.is_none();
            }
            is_used_otherwise |= uses(&user.ty, word.var);
        });
        has_users && !is_used_otherwise
    }
}

/// The bits of a mask that fields beside it go with.
fn known_bits(params: &[&Param], word: &Param) -> u32 {
    let conditions = params.iter().filter_map(|param| param.condition);
    let own = conditions.filter(|condition| condition.word == word.var);
    own.filter_map(|condition| condition.bit)
        .fold(0, |bits, bit| bits | 1 << (bit & 31))
}

/// Whether a term needs a number; conditions are looked at elsewhere.
fn uses(term: &Term, number: VarId) -> bool {
    match term {
        Term::Var { var, .. } => *var == number,
        Term::Sum(term, _) => uses(term, number),
        Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
            args.iter().any(|arg| uses(arg, number))
        }
        Term::Repeat(repeat) => uses(&repeat.count, number),
        Term::Type | Term::Nat | Term::Number(_) => false,
    }
}

/// The names of fields in JSON. One without a name is called by its place; where that is a name too, lines below tell them
/// apart.
fn unique_names(params: &[&Param]) -> Vec<String> {
    let own = |param: &Param| param.name.as_ref().map(|name| name.as_str().to_owned());
    let mut taken: HashSet<String> = params.iter().filter_map(|param| own(param)).collect();
    let names = params.iter().enumerate().map(|(index, param)| {
        own(param).unwrap_or_else(|| {
            let mut name = format!("arg{}", index + 1);
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        })
    });
    names.collect()
}

/// The form of a built-in bare value; none for those that are no single value.
fn name_of(builtin: Builtin) -> Option<&'static str> {
    Some(match builtin {
        Builtin::Int => "int",
        Builtin::Long => "long",
        Builtin::Int53 => "int53",
        Builtin::Float => "float",
        Builtin::Double => "double",
        Builtin::String => "string",
        Builtin::Bytes => "bytes",
        Builtin::Int128 => "int128",
        Builtin::Int256 => "int256",
        Builtin::Int512 => "int512",
        Builtin::Bool => "Bool",
        Builtin::True => "true",
        Builtin::Vector | Builtin::Object | Builtin::Function => return None,
    })
}
