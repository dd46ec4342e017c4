//! What each combinator puts on the wire: its fields with their [`Shape`]s, flags words apart from data.

use std::collections::{BTreeSet, HashMap, HashSet};

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{
    Builtin, Combinator, CombinatorId, CombinatorKind, Condition, Kind, Param, Repeat, Schema,
    Term, TypeId, VarId, View,
};
use tl_parser::span::Span;

use super::shape::{Arg, Extent, Field, Nat, Pattern, Presence, Shape};

/// The fields of a combinator in wire order, and the shape of a function's result; no shape for the result of the query it wraps,
/// and for what is reported. `opaque` types are kept as bytes.
pub(super) fn of(
    view: &View<'_>,
    id: CombinatorId,
    opaque: &BTreeSet<TypeId>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Field>, Option<Shape>) {
    let combinator = &view.schema()[id];
    let mut lowering = Lowering::of(view, combinator, opaque, diagnostics);
    if combinator.id == 0 {
        // A failed reader yields zeros: it would find this constructor for ever.
        lowering.reject(
            combinator.id_span,
            &format!("`{}` has the id 0, which", combinator.name),
        );
        return (Vec::new(), None);
    }
    if combinator.is_opaque && combinator.builtin.is_none() {
        lowering.reject(
            combinator.name_span,
            &format!("`{}` is built in, but not here: it", combinator.name),
        );
        return (Vec::new(), None);
    }
    let is_function = combinator.kind == CombinatorKind::Function;
    if is_function {
        lowering.check_function_parameters(combinator);
    }
    let mut fields = lowering.fields(&combinator.params);
    let result = match combinator.result {
        _ if !is_function => None,
        Term::Var { var, .. } if wraps_query(&combinator.params, var) => None,
        _ => lowering.shape(&combinator.result, combinator.span),
    };
    if let Some(result) = &result {
        // What the result depends on has to stay: the answer is read by it.
        result.nats(&mut |var| {
            // Variables ascend.
            let own = fields.binary_search_by_key(&var, |field| field.var);
            if let Ok(at) = own
                && matches!(fields[at].shape, Shape::Flags | Shape::Count)
            {
                fields[at].shape = Shape::Nat;
            }
        });
    }
    (fields, result)
}

/// What a constructor's result says of its type's parameters, in their order.
pub(super) fn patterns(
    view: &View<'_>,
    id: CombinatorId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Pattern> {
    let combinator = &view.schema()[id];
    let (Term::Boxed(ty, args), CombinatorKind::Constructor) =
        (&combinator.result, combinator.kind)
    else {
        return Vec::new();
    };
    let opaque = BTreeSet::new();
    let mut lowering = Lowering::of(view, combinator, &opaque, diagnostics);
    let kinds = &view.schema()[*ty].params;
    let mut seen = HashSet::new();
    let mut patterns = Vec::with_capacity(args.len());
    for (arg, kind) in args.iter().zip(kinds) {
        let pattern = match (kind, arg) {
            (Kind::Type, Term::Var { var, .. }) if seen.insert(*var) => Some(Pattern::Type(*var)),
            (Kind::Type, _) => {
                lowering.reject(
                    combinator.span,
                    "a result whose type arguments are not variables, each once,",
                );
                None
            }
            (Kind::Nat, arg) => lowering.nat(arg, combinator.span).map(Pattern::Nat),
        };
        patterns.extend(pattern);
    }
    patterns
}

struct Lowering<'l, 'a> {
    view: &'l View<'a>,
    /// Whether it is a function that is lowered.
    is_function: bool,
    opaque: &'l BTreeSet<TypeId>,
    diagnostics: &'l mut Vec<Diagnostic>,
}

impl<'l, 'a> Lowering<'l, 'a> {
    fn of(
        view: &'l View<'a>,
        combinator: &Combinator,
        opaque: &'l BTreeSet<TypeId>,
        diagnostics: &'l mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            view,
            is_function: combinator.kind == CombinatorKind::Function,
            opaque,
            diagnostics,
        }
    }

    /// A call must say itself what its parameters are, or no server could read it.
    fn check_function_parameters(&mut self, function: &Combinator) {
        let mut told = HashSet::new();
        for user in function.params.iter().filter(|param| !param.is_implicit) {
            collect_mentioned(&user.ty, &mut told);
        }
        for param in function.params.iter().filter(|param| param.is_implicit) {
            let is_told = param.ty == Term::Type && told.contains(&param.var);
            if !is_told {
                self.reject(
                    param.span,
                    "a parameter of a function that no argument of it tells",
                );
            }
        }
        let mut returned = HashSet::new();
        collect_mentioned(&function.result, &mut returned);
        for query in function.params.iter().filter(|param| param.is_query) {
            if let Term::Var { var, .. } = query.ty
                && returned.remove(&var)
                && !function
                    .params
                    .iter()
                    .any(|param| param.condition.is_none() && is_query_of(param, var))
            {
                self.reject(query.span, "a result that only an optional query tells");
            }
        }
    }

    /// The fields that some arguments make.
    fn fields(&mut self, params: &[Param]) -> Vec<Field> {
        let on_wire: Vec<_> = params.iter().filter(|param| !param.is_implicit).collect();
        let is_alone = on_wire
            .iter()
            .filter(|param| param.name.is_some() || param.ty != Term::Nat)
            .count()
            == 1;
        let mut fields: Vec<Field> = on_wire
            .iter()
            .enumerate()
            .filter_map(|(index, param)| {
                let name = match (&param.name, &param.ty) {
                    (Some(name), _) => name.to_string(),
                    (None, Term::Repeat(_)) if is_alone => "items".to_owned(),
                    (None, Term::Nat) => format!("arg{}", index + 1),
                    (None, _) if is_alone => "value".to_owned(),
                    (None, _) => format!("arg{}", index + 1),
                };
                self.field(param, name, &on_wire[..index])
            })
            .collect();
        mark_computed_numbers(&mut fields);
        fields
    }

    fn field(&mut self, param: &Param, name: String, before: &[&Param]) -> Option<Field> {
        let presence = match param.condition {
            None => Presence::Always,
            Some(Condition { word, bit }) => Presence::Flag { word, bit },
        };
        let shape = match &param.ty {
            // What a call in a constructor returns, nobody knows from its type.
            Term::Var { .. } if param.is_query && !self.is_function => {
                bare_builtin(Builtin::Function)
            }
            Term::Var { var, .. } if param.is_query => Shape::Query(*var),
            ty => self.shape(ty, param.span)?,
        };
        let shape = match shape {
            Shape::Object { is_function, .. } if presence == Presence::Always => Shape::Object {
                is_function,
                extent: self.extent(before),
            },
            shape => shape,
        };
        Some(Field {
            var: param.var,
            name,
            is_named: param.name.is_some(),
            presence,
            shape,
            is_boxed: false,
        })
    }

    /// MTProto's messages state the size of their body in an `int` named `bytes` just before it
    /// (<https://core.telegram.org/mtproto/service_messages>, "Containers").
    fn extent(&self, before: &[&Param]) -> Extent {
        match before.last() {
            Some(length)
                if length.name.as_deref() == Some("bytes")
                    && length.condition.is_none()
                    && self.shape_of_builtin(&length.ty) == Some(Builtin::Int) =>
            {
                Extent::Length(length.var)
            }
            _ => Extent::Rest,
        }
    }

    fn shape_of_builtin(&self, ty: &Term) -> Option<Builtin> {
        match ty {
            Term::Bare(id, _) => self.view.schema()[*id].builtin,
            _ => None,
        }
    }

    fn shape(&mut self, term: &Term, span: Span) -> Option<Shape> {
        let schema = self.view.schema();
        let shape = match term {
            Term::Nat => Shape::Nat,
            Term::Boxed(ty, args) => match (schema[*ty].builtin, &args[..]) {
                (Some(Builtin::Bool), _) => Shape::Bool,
                (Some(builtin @ (Builtin::Object | Builtin::Function)), _) => bare_builtin(builtin),
                (Some(Builtin::Vector), [item]) => self.vector(true, item, span)?,
                (Some(Builtin::True) | None, []) if self.opaque.contains(ty) => Shape::Opaque(*ty),
                (Some(Builtin::True) | None, _) => {
                    if self.view.constructors(*ty).next().is_none() {
                        return self.unsupported(span, "a value of a type without constructors");
                    }
                    Shape::Boxed(*ty, self.args(*ty, args, span)?)
                }
                (Some(_), _) => self.with_id(*ty, span)?,
            },
            Term::Bare(id, args) => match (schema[*id].builtin, &args[..]) {
                (Some(Builtin::Vector), [item]) => self.vector(false, item, span)?,
                (Some(builtin), _) => bare_builtin(builtin),
                (None, args) if self.view.holds(self.view.current(*id)) => {
                    let id = self.view.current(*id);
                    let args = match schema.result_type(id) {
                        Some(ty) => self.args(ty, args, span)?,
                        None => Vec::new(),
                    };
                    Shape::Bare(id, args)
                }
                (None, _) => return self.unsupported(span, "a constructor of a later layer"),
            },
            Term::BareType(ty, args) => Shape::BareType(*ty, self.args(*ty, args, span)?),
            Term::Var { bare: true, .. } => {
                return self.unsupported(span, "the bare form of a type that is not known");
            }
            Term::Var { var, .. } => Shape::Var(*var),
            Term::Repeat(repeat) => self.repeat(repeat, span)?,
            Term::Type | Term::Number(_) | Term::Sum(..) => {
                return self.unsupported(span, "a type or number as a value");
            }
        };
        Some(shape)
    }

    fn args(&mut self, ty: TypeId, args: &[Term], span: Span) -> Option<Vec<Arg>> {
        let kinds = &self.view.schema()[ty].params;
        let mut lowered = Vec::with_capacity(args.len());
        for (arg, kind) in args.iter().zip(kinds) {
            lowered.push(match kind {
                Kind::Type => Arg::Type(self.shape(arg, span)?),
                Kind::Nat => Arg::Nat(self.nat(arg, span)?),
            });
        }
        Some(lowered)
    }

    fn nat(&mut self, term: &Term, span: Span) -> Option<Nat> {
        match term {
            Term::Number(number) => Some(Nat {
                var: None,
                plus: *number,
            }),
            Term::Var { var, .. } => Some(Nat {
                var: Some(*var),
                plus: 0,
            }),
            Term::Sum(term, plus) => {
                let nat = self.nat(term, span)?;
                match nat.plus.checked_add(*plus) {
                    Some(plus) => Some(Nat { plus, ..nat }),
                    None => {
                        self.reject(span, "a sum that no `#` can hold");
                        None
                    }
                }
            }
            _ => {
                self.reject(span, "this where a number is due");
                None
            }
        }
    }

    fn repeat(&mut self, repeat: &Repeat, span: Span) -> Option<Shape> {
        let count = self.nat(&repeat.count, span)?;
        let mut fields = self.fields(&repeat.params);
        let is_plain = matches!(&fields[..], [only] if only.presence == Presence::Always);
        let item = match fields.pop() {
            Some(only) if is_plain => only.shape,
            Some(last) => {
                fields.push(last);
                Shape::Record(fields)
            }
            None => return self.unsupported(span, "a repetition of nothing"),
        };
        Some(Shape::Repeat {
            count,
            item: Box::new(item),
        })
    }

    /// `Int`, `String`: the id of the one constructor, then its value.
    fn with_id(&mut self, ty: TypeId, span: Span) -> Option<Shape> {
        let schema = self.view.schema();
        let mut constructors = self.view.constructors(ty);
        match (constructors.next(), constructors.next()) {
            (Some(constructor), None) => {
                let value = Box::new(bare_builtin(schema[constructor].builtin?));
                Some(Shape::WithId { constructor, value })
            }
            _ => self.unsupported(span, "a built-in type with several constructors"),
        }
    }

    fn vector(&mut self, is_boxed: bool, item: &Term, span: Span) -> Option<Shape> {
        let item = Box::new(self.shape(item, span)?);
        Some(Shape::Vector { is_boxed, item })
    }

    fn unsupported<T>(&mut self, span: Span, what: &str) -> Option<T> {
        self.reject(span, what);
        None
    }

    fn reject(&mut self, span: Span, what: &str) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                span,
                format!("{what} can't be generated"),
            )
            .label("used here")
            .help("leave the definition out of this schema, or out of what is generated"),
        );
    }
}

/// Finds the numbers that are not data: they say what follows, and what follows says them.
///
/// A number that anything else depends on, a type's argument, a sum, a nested repetition, stays a field; what it says is
/// then held against the others when the value is written.
fn mark_computed_numbers(fields: &mut [Field]) {
    /// How often a number says something.
    #[derive(Default)]
    struct Uses {
        flags: u32,
        counts: u32,
        others: u32,
    }
    let mut uses: HashMap<VarId, Uses> = HashMap::new();
    for user in fields.iter() {
        if let Presence::Flag { word, bit } = user.presence {
            let uses = uses.entry(word).or_default();
            match bit {
                Some(_) => uses.flags += 1,
                None => uses.others += 1,
            }
        }
        let inner = match &user.shape {
            Shape::Repeat { count, item }
                if count.plus == 0 && user.presence == Presence::Always =>
            {
                if let Some(var) = count.var {
                    uses.entry(var).or_default().counts += 1;
                }
                item
            }
            shape => shape,
        };
        inner.nats(&mut |used| uses.entry(used).or_default().others += 1);
    }
    for field in fields {
        if field.shape == Shape::Nat && field.presence == Presence::Always {
            field.shape = match uses.get(&field.var) {
                Some(Uses {
                    flags: 1..,
                    counts: 0,
                    others: 0,
                }) => Shape::Flags,
                Some(Uses {
                    flags: 0,
                    counts: 1..,
                    others: 0,
                }) => Shape::Count,
                _ => Shape::Nat,
            };
        }
    }
}

fn bare_builtin(builtin: Builtin) -> Shape {
    match builtin {
        Builtin::Int => Shape::Int,
        Builtin::Long | Builtin::Int53 => Shape::Long,
        Builtin::Float => Shape::Float,
        Builtin::Double => Shape::Double,
        Builtin::String => Shape::String,
        Builtin::Bytes => Shape::Bytes,
        Builtin::Int128 => Shape::Int128,
        Builtin::Int256 => Shape::Int256,
        Builtin::Int512 => Shape::Int512,
        Builtin::True => Shape::True,
        Builtin::Bool => Shape::Bool,
        Builtin::Vector | Builtin::Object | Builtin::Function => Shape::Object {
            is_function: builtin == Builtin::Function,
            extent: Extent::Rest,
        },
    }
}

/// Type variables of a combinator with their TL names, in order.
pub(crate) fn type_variables(params: &[Param]) -> impl Iterator<Item = (VarId, &str)> {
    params
        .iter()
        .filter(|param| param.is_implicit && param.ty == Term::Type)
        .map(|param| (param.var, param.name.as_deref().unwrap_or("X")))
}

/// Whether a type variable stands for what a query returns.
fn wraps_query(params: &[Param], var: VarId) -> bool {
    params.iter().any(|param| is_query_of(param, var))
}

fn is_query_of(param: &Param, var: VarId) -> bool {
    param.is_query && matches!(param.ty, Term::Var { var: of, .. } if of == var)
}

fn collect_mentioned(term: &Term, mentioned: &mut HashSet<VarId>) {
    match term {
        Term::Var { var, .. } => {
            mentioned.insert(*var);
        }
        Term::Boxed(_, args) | Term::BareType(_, args) | Term::Bare(_, args) => {
            args.iter()
                .for_each(|arg| collect_mentioned(arg, mentioned));
        }
        Term::Repeat(repeat) => {
            let params = repeat.params.iter();
            params.for_each(|param| collect_mentioned(&param.ty, mentioned));
        }
        _ => {}
    }
}

/// Whether any argument or result is a boxed value of a built-in type.
pub(super) fn uses_boxed(schema: &Schema, builtin: Builtin) -> bool {
    fn in_term(schema: &Schema, term: &Term, builtin: Builtin) -> bool {
        match term {
            Term::Boxed(ty, args) => {
                schema[*ty].builtin == Some(builtin)
                    || args.iter().any(|arg| in_term(schema, arg, builtin))
            }
            Term::Bare(_, args) | Term::BareType(_, args) => {
                args.iter().any(|arg| in_term(schema, arg, builtin))
            }
            Term::Repeat(repeat) => {
                let mut params = repeat.params.iter();
                params.any(|param| in_term(schema, &param.ty, builtin))
            }
            _ => false,
        }
    }
    schema
        .combinators()
        .filter(|(_, combinator)| !combinator.is_prelude)
        .any(|(_, combinator)| {
            let is_function = combinator.kind == CombinatorKind::Function;
            is_function && in_term(schema, &combinator.result, builtin)
                || combinator
                    .params
                    .iter()
                    .any(|param| in_term(schema, &param.ty, builtin))
        })
}
