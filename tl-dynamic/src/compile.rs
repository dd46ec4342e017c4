//! From a resolved schema to the [`Program`] that the codec runs. The only part that looks at a [`Schema`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tl_parser::schema::{
    self, Builtin, CombinatorId, CombinatorKind, Param, Schema, Term, VarId, View,
};

use crate::program::{
    Arg, Combinator, Condition, Count, Field, FieldShape, Fixed, Kind, Meaning, Program, Repeat,
    Role, Shape, Special, Ty, Type,
};
use crate::{open_ended, recursion};

/// Compiles what holds at one layer.
pub(crate) fn compile(schema: &Schema, layer: Option<u32>) -> Program {
    let view = schema.view(layer);
    let sizes = view.wire_sizes();
    let mut combinators: Vec<_> = schema
        .combinators()
        .map(|(id, _)| Compiler::new(&view, id).combinator())
        .collect();
    for (id, _) in schema.combinators() {
        let min = sizes.of_combinator(id).map_or(0, |size| size.min);
        combinators[id.index()].min_bytes = min.min(4) as usize;
    }
    let mut program = Program {
        combinators,
        types: schema.types().map(|(id, _)| ty(&view, id)).collect(),
        by_id: Vec::new(),
        by_name: Vec::new(),
        bool_ids: [0; 2],
        vector_id: 0,
    };
    index(&view, &mut program);
    recursion::mark(&mut program);
    open_ended::mark(&mut program);
    program
}

fn ty(view: &View<'_>, id: schema::TypeId) -> Type {
    let schema = view.schema();
    let ty = &schema[id];
    let constructors: Vec<_> = view.constructors(id).collect();
    let is_plain = constructors.len() == 1 && ty.params.is_empty();
    Type {
        name: ty.name.as_str().into(),
        constructors: constructors
            .iter()
            .map(|id| (schema[*id].id, id.index() as u32))
            .collect(),
        params: ty
            .params
            .iter()
            .map(|kind| match kind {
                schema::Kind::Type => Kind::Type,
                schema::Kind::Nat => Kind::Nat,
            })
            .collect(),
        is_recursive: false,
        plain: ty.builtin.filter(|_| is_plain).and_then(bare_builtin),
        special: match ty.builtin {
            Some(Builtin::Bool) => Some(Special::Bool),
            Some(Builtin::Vector) if ty.params.len() == 1 => Some(Special::Vector),
            Some(Builtin::Object | Builtin::Function) => Some(Special::Object),
            _ => None,
        },
    }
}

/// Fills in what is looked up by name and by id.
fn index(view: &View<'_>, program: &mut Program) {
    let schema = view.schema();
    for (id, combinator) in schema.combinators().filter(|(id, _)| view.holds(*id)) {
        let index = id.index() as u32;
        let is_function = combinator.kind == CombinatorKind::Function;
        program.by_id.push((combinator.id, index));
        if combinator.name.as_str() != "_" {
            let meaning = if is_function {
                Meaning::Function(index)
            } else {
                Meaning::Constructor(index)
            };
            program
                .by_name
                .push((combinator.name.as_str().into(), meaning));
        }
        match (combinator.builtin, combinator.name.as_str()) {
            (Some(Builtin::Bool), "boolFalse") => program.bool_ids[0] = combinator.id,
            (Some(Builtin::Bool), _) => program.bool_ids[1] = combinator.id,
            (Some(Builtin::Vector), _) => program.vector_id = combinator.id,
            _ => {}
        }
    }
    for (id, ty) in schema.types() {
        let meaning = Meaning::Type(id.index() as u32);
        program.by_name.push((ty.name.as_str().into(), meaning));
    }
    let combinators = &program.combinators;
    // Of two with one id the constructor is meant, of two constructors the first.
    program
        .by_id
        .sort_by_key(|&(id, index)| (id, combinators[index as usize].is_function(), index));
    program.by_id.dedup_by_key(|row| row.0);
    program.by_name.sort_by(|left, right| left.0.cmp(&right.0));
}

/// Compiles one definition.
struct Compiler<'c, 'a> {
    view: &'c View<'a>,
    id: CombinatorId,
    nats: HashMap<VarId, u16>,
    types: HashMap<VarId, u16>,
}

impl<'c, 'a> Compiler<'c, 'a> {
    fn new(view: &'c View<'a>, id: CombinatorId) -> Self {
        let mut compiler = Self {
            view,
            id,
            nats: HashMap::new(),
            types: HashMap::new(),
        };
        Param::walk(&view.schema()[id].params, &mut |param| {
            let slots = match param.ty {
                Term::Nat => &mut compiler.nats,
                Term::Type => &mut compiler.types,
                _ => return,
            };
            let next = slots.len() as u16;
            slots.insert(param.var, next);
        });
        compiler
    }

    fn combinator(&self) -> Combinator {
        let combinator = &self.view.schema()[self.id];
        let is_function = combinator.kind == CombinatorKind::Function;
        let params = &combinator.params[..];
        let (fields, shapes) = match combinator.builtin {
            Some(Builtin::Bool | Builtin::True | Builtin::Object | Builtin::Function) => {
                Default::default()
            }
            Some(builtin) if builtin != Builtin::Vector => Self::builtin_value(builtin),
            _ => self.fields(params),
        };
        let result = self.term(&combinator.result);
        let (ty, patterns) = match &result {
            _ if is_function => (None, Box::default()),
            Ty::Boxed(ty, args) => (Some(*ty), args.clone()),
            // What stands for another wire form has no arguments worth a pattern.
            _ => {
                let ty = self.view.schema().result_type(self.id);
                (ty.map(|ty| ty.index() as u32), Box::default())
            }
        };
        let patterns = match &combinator.result {
            Term::Boxed(_, args) if !is_function => self.args(args),
            _ => patterns,
        };
        Combinator {
            shape: Arc::new(Shape {
                name: combinator.name.as_str().into(),
                id: combinator.id,
                index: Some(self.id.index() as u32),
                fields: shapes,
            }),
            fields,
            is_builtin: combinator.builtin.is_some(),
            ty,
            unusable: self.unusable(&patterns),
            patterns,
            result: is_function.then_some(result),
            nat_slots: self.nats.len() as u16,
            type_slots: self.types.len() as u16,
            is_recursive: false,
            open_field: None,
            min_bytes: 0,
        }
    }

    /// A built-in constructor where its type has others too: one field, `value`.
    fn builtin_value(builtin: Builtin) -> (Box<[Field]>, Box<[FieldShape]>) {
        let ty = bare_builtin(builtin).unwrap_or(Ty::Unusable);
        let field = Field {
            ty,
            condition: None,
            slot: None,
            role: Role::Data,
        };
        let shape = FieldShape {
            name: "value".into(),
            role: Role::Data,
        };
        (Box::new([field]), Box::new([shape]))
    }

    /// Why no value of it can be read: its layout is not told, or nothing determines an implicit argument.
    fn unusable(&self, patterns: &[Arg]) -> Option<Box<str>> {
        let combinator = &self.view.schema()[self.id];
        let is_known = |builtin| !matches!(builtin, Builtin::Object | Builtin::Function);
        if combinator.is_opaque && !combinator.builtin.is_some_and(is_known) {
            return Some("the schema does not tell its arguments".into());
        }
        let free = combinator.params.iter().find(|param| {
            param.is_implicit
                && match param.ty {
                    Term::Nat => !patterns
                        .iter()
                        .any(|arg| arg.binds_nat(self.nats[&param.var])),
                    Term::Type => {
                        let slot = self.types[&param.var];
                        let is_result = |user: &Param| {
                            user.is_query
                                && matches!(user.ty, Term::Var { var, .. } if var == param.var)
                        };
                        !patterns.iter().any(|arg| arg.binds_type(slot))
                            && !combinator.params.iter().any(is_result)
                    }
                    _ => true,
                }
        })?;
        let name = free.name.as_deref().unwrap_or("_");
        Some(format!("nothing determines its implicit argument `{name}`").into())
    }

    /// The fields on the wire of a definition, or of a repetition in it.
    fn fields(&self, params: &[Param]) -> (Box<[Field]>, Box<[FieldShape]>) {
        let on_wire: Vec<_> = params.iter().filter(|param| !param.is_implicit).collect();
        let names = unique_names(&on_wire);
        let mut fields = Vec::with_capacity(on_wire.len());
        let mut shapes = Vec::with_capacity(on_wire.len());
        for (index, param) in on_wire.iter().enumerate() {
            let role = self.role(&on_wire, index);
            let ty = match &param.ty {
                Term::Var { var, .. } if param.is_query => Ty::Query(self.types.get(var).copied()),
                // Whatever the call is to return, it is a call.
                _ if param.is_query => Ty::Query(None),
                ty => self.term(ty),
            };
            fields.push(Field {
                ty,
                condition: param.condition.map(|condition| self.condition(condition)),
                slot: self.nats.get(&param.var).copied(),
                role,
            });
            let name = names[index].as_str().into();
            shapes.push(FieldShape { name, role });
        }
        (fields.into(), shapes.into())
    }

    fn condition(&self, condition: schema::Condition) -> Condition {
        Condition {
            slot: self.nats.get(&condition.word).copied().unwrap_or(0),
            bit: condition.bit,
        }
    }

    fn role(&self, params: &[&Param], index: usize) -> Role {
        let param = params[index];
        if let Some(known) = self.mask(params, param) {
            return Role::Flags { known };
        }
        let is_true = |term: &Term| matches!(term, Term::Bare(id, _) if self.view.schema()[*id].builtin == Some(Builtin::True));
        if let Some(schema::Condition {
            word,
            bit: Some(bit),
        }) = param.condition
            && is_true(&param.ty)
            && let Some(word) = params[..index]
                .iter()
                .position(|word_param| word_param.var == word)
        {
            return Role::Flag {
                word: word as u16,
                bit,
            };
        }
        let next_is_object = params.get(index + 1).is_some_and(|next| {
            next.condition.is_none() && !next.is_query && self.term(&next.ty) == Ty::Object
        });
        let is_length = param.name.as_deref() == Some("bytes")
            && param.condition.is_none()
            && self.term(&param.ty) == Ty::Int;
        if is_length && next_is_object {
            return Role::Length;
        }
        Role::Data
    }

    /// The bits of a number that tells nothing but which fields beside it follow; none for one that is used otherwise, or that
    /// may be absent.
    fn mask(&self, params: &[&Param], word: &Param) -> Option<u32> {
        if word.ty != Term::Nat || word.condition.is_some() {
            return None;
        }
        let mut known = 0_u32;
        for user in params {
            match user.condition {
                Some(condition) if condition.word == word.var => {
                    known |= 1 << condition.bit?;
                }
                _ => {}
            }
        }
        let slot = *self.nats.get(&word.var)?;
        let combinator = &self.view.schema()[self.id];
        let mut is_used_otherwise = self.uses(&combinator.result, slot);
        Param::walk(&combinator.params, &mut |user| {
            let is_beside = params.iter().any(|param| param.var == user.var);
            let is_condition = user
                .condition
                .is_some_and(|condition| condition.word == word.var);
            is_used_otherwise |= is_condition && !is_beside || self.uses(&user.ty, slot);
        });
        (known != 0 && !is_used_otherwise).then_some(known)
    }

    /// Whether a term needs a number; conditions are looked at elsewhere.
    fn uses(&self, term: &Term, slot: u16) -> bool {
        match term {
            Term::Var { var, .. } => self.nats.get(var) == Some(&slot),
            Term::Sum(term, _) => self.uses(term, slot),
            Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
                args.iter().any(|arg| self.uses(arg, slot))
            }
            Term::Repeat(repeat) => self.uses(&repeat.count, slot),
            Term::Type | Term::Nat | Term::Number(_) => false,
        }
    }

    fn term(&self, term: &Term) -> Ty {
        let schema = self.view.schema();
        match term {
            Term::Nat => Ty::Nat,
            Term::Boxed(ty, args) => match (schema[*ty].builtin, &args[..]) {
                (Some(Builtin::Bool), _) => Ty::Bool,
                (Some(Builtin::Object), _) => Ty::Object,
                (Some(Builtin::Function), _) => Ty::Query(None),
                (Some(Builtin::Vector), [item]) => Ty::Vector {
                    is_boxed: true,
                    item: Box::new(self.term(item)),
                },
                _ => Ty::Boxed(ty.index() as u32, self.args(args)),
            },
            Term::Bare(id, args) => match (schema[*id].builtin, &args[..]) {
                (Some(Builtin::Vector), [item]) => Ty::Vector {
                    is_boxed: false,
                    item: Box::new(self.term(item)),
                },
                (Some(builtin), []) => bare_builtin(builtin).unwrap_or(Ty::Object),
                _ => Ty::Bare(self.view.current(*id).index() as u32, self.args(args)),
            },
            Term::BareType(ty, args) => Ty::BareType(ty.index() as u32, self.args(args)),
            Term::Var { var, bare } => match self.types.get(var) {
                Some(&slot) => Ty::Var {
                    slot,
                    is_bare: *bare,
                },
                None => Ty::Unusable,
            },
            Term::Repeat(repeat) => {
                let (fields, shapes) = self.fields(&repeat.params);
                let is_plain = matches!(&repeat.params[..], [one] if one.name.is_none())
                    && matches!(&fields[..], [one] if one.condition.is_none());
                Ty::Repeat(Arc::new(Repeat {
                    count: self.count(&repeat.count),
                    fields,
                    shape: Arc::new(Shape {
                        name: crate::path::REPEATED.into(),
                        id: 0,
                        index: None,
                        fields: shapes,
                    }),
                    is_plain,
                }))
            }
            Term::Type | Term::Number(_) | Term::Sum(..) => Ty::Unusable,
        }
    }

    fn args(&self, args: &[Term]) -> Box<[Arg]> {
        args.iter()
            .map(|arg| match arg {
                Term::Number(_) | Term::Sum(..) => Arg::Nat(self.count(arg)),
                Term::Var { var, .. } if self.nats.contains_key(var) => Arg::Nat(self.count(arg)),
                _ => Arg::Type(self.term(arg)),
            })
            .collect()
    }

    fn count(&self, mut term: &Term) -> Count {
        let mut plus = 0_u32;
        loop {
            match term {
                Term::Sum(inner, number) => {
                    plus = plus.saturating_add(*number);
                    term = inner;
                }
                Term::Number(number) => {
                    return Count {
                        slot: None,
                        plus: plus.saturating_add(*number),
                    };
                }
                Term::Var { var, .. } => {
                    return Count {
                        slot: self.nats.get(var).copied(),
                        plus,
                    };
                }
                _ => return Count { slot: None, plus },
            }
        }
    }
}

/// The names of fields. One without a name is called by its place, and so is one whose name another has, as in a schema with
/// errors; where that is a name too, lines below tell them apart.
fn unique_names(params: &[&Param]) -> Vec<String> {
    let own = |param: &Param| param.name.as_ref().map(|name| name.as_str().to_owned());
    let mut taken: HashSet<String> = params.iter().filter_map(|param| own(param)).collect();
    let mut used = HashSet::new();
    let names = params.iter().enumerate().map(|(index, param)| {
        if let Some(name) = own(param).filter(|name| used.insert(name.clone())) {
            return name;
        }
        let mut name = format!("arg{}", index + 1);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    });
    names.collect()
}

/// The form of a built-in bare value; none for those that are no single value.
fn bare_builtin(builtin: Builtin) -> Option<Ty> {
    let fixed = |len, name| Ty::Fixed(Fixed { len, name });
    Some(match builtin {
        Builtin::Int => Ty::Int,
        Builtin::Long => Ty::Long,
        Builtin::Int53 => Ty::Int53,
        Builtin::Float => Ty::Float,
        Builtin::Double => Ty::Double,
        Builtin::String => Ty::String,
        Builtin::Bytes => Ty::Bytes,
        Builtin::Int128 => fixed(16, "int128"),
        Builtin::Int256 => fixed(32, "int256"),
        Builtin::Int512 => fixed(64, "int512"),
        Builtin::Bool => Ty::Bool,
        Builtin::True => Ty::True,
        Builtin::Vector | Builtin::Object | Builtin::Function => return None,
    })
}

impl Arg {
    /// Whether matching a value against this pattern gives a number its value.
    fn binds_nat(&self, slot: u16) -> bool {
        match self {
            Self::Nat(count) => count.slot == Some(slot),
            Self::Type(ty) => ty.args().iter().any(|arg| arg.binds_nat(slot)),
        }
    }

    fn binds_type(&self, slot: u16) -> bool {
        match self {
            Self::Nat(_) => false,
            Self::Type(Ty::Var { slot: own, .. }) => *own == slot,
            Self::Type(Ty::Vector { item, .. }) => {
                matches!(**item, Ty::Var { slot: own, .. } if own == slot)
            }
            Self::Type(ty) => ty.args().iter().any(|arg| arg.binds_type(slot)),
        }
    }
}

impl Ty {
    pub(crate) fn args(&self) -> &[Arg] {
        match self {
            Self::Boxed(_, args) | Self::Bare(_, args) | Self::BareType(_, args) => args,
            _ => &[],
        }
    }
}
