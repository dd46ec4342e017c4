//! What each combinator puts on the wire: its fields with their [`Shape`]s, flags words apart from data.

use tl_parser::diagnostic::{Code, Diagnostic};
use tl_parser::schema::{
    Builtin, CombinatorId, CombinatorKind, Condition, Param, Schema, Term, TypeId, VarId, View,
};
use tl_parser::span::Span;

/// One argument as it goes over the wire.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// The variable it declares.
    pub var: VarId,
    /// Its TL name.
    pub name: String,
    /// When it is there.
    pub presence: Presence,
    /// What it is.
    pub shape: Shape,
    /// Whether its Rust value lies behind a `Box`: it recurses, or is too big to be held inline where it is optional.
    pub is_boxed: bool,
}

/// When a field is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Always.
    Always,
    /// When a bit of a flags word is set.
    Flag {
        /// The word.
        word: VarId,
        /// The bit, 0 to 31.
        bit: u8,
    },
}

/// The wire form of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// 4 bytes, signed.
    Int,
    /// 8 bytes, signed.
    Long,
    /// 8 bytes, floating point.
    Double,
    /// A boxed `Bool`.
    Bool,
    /// A bare `true`: no bytes. Behind a flag it is the flag.
    True,
    /// A `#` that holds data.
    Nat,
    /// A `#` that says which fields follow; not data, but computed from them.
    Flags,
    /// Text.
    String,
    /// Bytes.
    Bytes,
    /// 16 raw bytes.
    Int128,
    /// 32 raw bytes.
    Int256,
    /// 64 raw bytes.
    Int512,
    /// Any boxed value, kept as it is.
    Object {
        /// The `int` field before it that states its size in bytes; without one it takes the rest of the input.
        length: Option<VarId>,
    },
    /// A boxed value of a generated type.
    Boxed(TypeId),
    /// A bare value of a generated constructor.
    Bare(CombinatorId),
    /// A vector.
    Vector {
        /// Whether the vector's id goes before it.
        is_boxed: bool,
        /// What it holds.
        item: Box<Shape>,
    },
    /// A call of any function, a type parameter in Rust.
    Query(VarId),
}

impl Shape {
    /// The shape of the innermost items of nested vectors.
    pub(crate) fn innermost(&self) -> &Shape {
        match self {
            Self::Vector { item, .. } => item.innermost(),
            other => other,
        }
    }
}

/// The fields of a combinator in wire order.
pub(super) fn of(
    view: &View<'_>,
    id: CombinatorId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Field> {
    let combinator = &view.schema()[id];
    let mut lowering = Lowering {
        view,
        params: &combinator.params,
        diagnostics,
    };
    if combinator.id == 0 {
        // A failed reader yields zeros: it would find this constructor for ever.
        lowering.reject(
            combinator.id_span,
            &format!("`{}` has the id 0, which", combinator.name),
        );
        return Vec::new();
    }
    if combinator.is_opaque && combinator.builtin.is_none() {
        lowering.reject(
            combinator.name_span,
            &format!("`{}` is built in, but not here: it", combinator.name),
        );
        return Vec::new();
    }
    if lowering.has_parameters() {
        lowering.reject(
            combinator.name_span,
            &format!("`{}` has type or number parameters, which", combinator.name),
        );
        return Vec::new();
    }
    let on_wire = combinator.params.iter().filter(|param| !param.is_implicit);
    on_wire
        .enumerate()
        .filter_map(|(index, param)| lowering.field(index, param))
        .collect()
}

/// The shape of a function's result; `None` for a variable, which the inner query decides, and for what is reported.
pub(super) fn result(
    view: &View<'_>,
    id: CombinatorId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Shape> {
    let combinator = &view.schema()[id];
    if let Term::Var { .. } = combinator.result {
        return None;
    }
    let mut lowering = Lowering {
        view,
        params: &combinator.params,
        diagnostics,
    };
    let shape = lowering.shape(&combinator.result, combinator.span)?;
    if has_bare_vector(&shape) {
        return lowering.unsupported(combinator.span, "a function that returns a bare vector");
    }
    Some(shape)
}

struct Lowering<'l, 'a> {
    view: &'l View<'a>,
    params: &'a [Param],
    diagnostics: &'l mut Vec<Diagnostic>,
}

impl Lowering<'_, '_> {
    /// Whether it has parameters other than the types of the queries it wraps.
    fn has_parameters(&self) -> bool {
        let is_query = |param: &&Param| {
            let wraps = |user: &Param| user.is_query && user.ty == var(param.var);
            param.ty == Term::Type && self.params.iter().any(wraps)
        };
        self.params
            .iter()
            .filter(|param| param.is_implicit)
            .any(|param| !is_query(&param))
    }

    fn field(&mut self, index: usize, param: &Param) -> Option<Field> {
        let presence = match param.condition {
            None => Presence::Always,
            Some(Condition {
                word,
                bit: Some(bit),
            }) if self.is_plain_word(word) => Presence::Flag { word, bit },
            Some(Condition { bit: None, .. }) => {
                self.reject(param.span, "a condition on a whole number");
                return None;
            }
            Some(_) => {
                self.reject(
                    param.span,
                    "a condition on a word that is passed in or itself conditional",
                );
                return None;
            }
        };
        let shape = match &param.ty {
            Term::Nat if self.is_flags_word(param.var) => Shape::Flags,
            Term::Var { var, .. } if param.is_query => Shape::Query(*var),
            ty => self.shape(ty, param.span)?,
        };
        let shape = match shape {
            Shape::Object { .. } if presence == Presence::Always => Shape::Object {
                length: self.length_before(param),
            },
            shape => shape,
        };
        let name = param
            .name
            .as_deref()
            .map_or_else(|| format!("arg{}", index + 1), str::to_owned);
        Some(Field {
            var: param.var,
            name,
            presence,
            shape,
            is_boxed: false,
        })
    }

    /// MTProto's messages state the size of their body in an `int` named `bytes` just before it
    /// (<https://core.telegram.org/mtproto/service_messages>, "Containers").
    fn length_before(&self, object: &Param) -> Option<VarId> {
        let at = self
            .params
            .iter()
            .position(|param| param.var == object.var)?;
        let before = self.params[..at].last()?;
        let is_length = before.name.as_deref() == Some("bytes")
            && before.condition.is_none()
            && self.shape_of_builtin(&before.ty) == Some(Builtin::Int);
        is_length.then_some(before.var)
    }

    fn shape_of_builtin(&self, ty: &Term) -> Option<Builtin> {
        match ty {
            Term::Bare(id, _) => self.view.schema()[*id].builtin,
            _ => None,
        }
    }

    fn is_flags_word(&self, word: VarId) -> bool {
        self.params.iter().any(|param| {
            param
                .condition
                .is_some_and(|condition| condition.word == word)
        })
    }

    fn is_plain_word(&self, word: VarId) -> bool {
        self.params
            .iter()
            .any(|param| param.var == word && !param.is_implicit && param.condition.is_none())
    }

    fn shape(&mut self, term: &Term, span: Span) -> Option<Shape> {
        let schema = self.view.schema();
        let shape = match term {
            Term::Nat => Shape::Nat,
            Term::Boxed(ty, args) => match (schema[*ty].builtin, &args[..]) {
                (Some(Builtin::Bool), _) => Shape::Bool,
                (Some(Builtin::Object | Builtin::Function), _) => Shape::Object { length: None },
                (Some(Builtin::Vector), [item]) => self.vector(true, item, span)?,
                (Some(Builtin::True) | None, [])
                    if self.view.constructors(*ty).next().is_some() =>
                {
                    Shape::Boxed(*ty)
                }
                (Some(Builtin::True) | None, []) => {
                    return self.unsupported(span, "a value of a type without constructors");
                }
                (Some(_), _) => {
                    return self.unsupported(span, "a boxed built-in type (write it lower-case)");
                }
                (None, _) => return self.unsupported(span, "a type with parameters"),
            },
            Term::Bare(id, args) => match (schema[*id].builtin, &args[..]) {
                (Some(Builtin::Vector), [item]) => self.vector(false, item, span)?,
                (Some(builtin), _) => bare_builtin(builtin),
                (None, []) if self.view.holds(self.view.current(*id)) => {
                    Shape::Bare(self.view.current(*id))
                }
                (None, []) => return self.unsupported(span, "a constructor of a later layer"),
                (None, _) => return self.unsupported(span, "a type with parameters"),
            },
            Term::BareType(..) => return self.unsupported(span, "a type with parameters"),
            Term::Var { .. } => return self.unsupported(span, "a value of a type parameter"),
            Term::Repeat(_) => return self.unsupported(span, "a repetition"),
            Term::Type | Term::Number(_) | Term::Sum(..) => {
                return self.unsupported(span, "a type or number as a value");
            }
        };
        Some(shape)
    }

    fn vector(&mut self, is_boxed: bool, item: &Term, span: Span) -> Option<Shape> {
        let item = self.shape(item, span)?;
        if matches!(item, Shape::Object { .. }) {
            return self.unsupported(span, "a vector of objects without a stated size");
        }
        Some(Shape::Vector {
            is_boxed,
            item: Box::new(item),
        })
    }

    fn unsupported(&mut self, span: Span, what: &str) -> Option<Shape> {
        self.reject(span, what);
        None
    }

    fn reject(&mut self, span: Span, what: &str) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::Unsupported,
                span,
                format!("{what} can't be generated yet"),
            )
            .label("used here")
            .help("leave the definition out of this schema, or out of what is generated"),
        );
    }
}

fn bare_builtin(builtin: Builtin) -> Shape {
    match builtin {
        Builtin::Int => Shape::Int,
        Builtin::Long | Builtin::Int53 => Shape::Long,
        Builtin::Double => Shape::Double,
        Builtin::String => Shape::String,
        Builtin::Bytes => Shape::Bytes,
        Builtin::Int128 => Shape::Int128,
        Builtin::Int256 => Shape::Int256,
        Builtin::Int512 => Shape::Int512,
        Builtin::True => Shape::True,
        Builtin::Bool => Shape::Bool,
        Builtin::Vector | Builtin::Object | Builtin::Function => Shape::Object { length: None },
    }
}

fn var(var: VarId) -> Term {
    Term::Var { var, bare: false }
}

/// Type variables of a function that stand for queries, with their TL names, in order.
pub(crate) fn query_variables(params: &[Param]) -> impl Iterator<Item = (VarId, &str)> {
    params
        .iter()
        .filter(|param| param.is_implicit && param.ty == Term::Type)
        .map(|param| (param.var, param.name.as_deref().unwrap_or("X")))
}

fn has_bare_vector(shape: &Shape) -> bool {
    match shape {
        Shape::Vector { is_boxed, item } => !is_boxed || has_bare_vector(item),
        _ => false,
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
