//! The first sweep: every combinator and type gets its index, every name one meaning per layer.

use std::iter;

use super::super::docs::{self, Docs};
use super::super::id::computed_id;
use super::super::{
    Args, Builtin, Combinator, CombinatorId, CombinatorKind, Constructors, Kind, Map, Mentions,
    Name, Params, Term, Type, TypeId, prelude,
};
use super::partial::{Waiting, inside};
use super::written::{Written, result_head};
use super::{Declared, Meaning, Refused, Resolver, results};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{self, Expr, ExprKind, FinalizationKind, Ident, Item, SectionKind};
use crate::syntax::{Entry, Outline};

impl<'a, 's> Resolver<'a, 's> {
    pub(super) fn declare_file(&mut self, file: &'a Outline<'s>) {
        let mut place = Place {
            source: file.text,
            kind: CombinatorKind::Constructor,
            layer: None,
            is_prelude: false,
        };
        for (entry, found) in file.entries.iter().zip(docs::find(file)) {
            let docs = found.and_then(|found| {
                self.class_docs.extend(found.classes);
                found.docs
            });
            let item = match entry {
                Entry::Plain(definition) => {
                    let plain = Written::Plain(file.plain(definition));
                    self.declare(plain, place, docs);
                    continue;
                }
                Entry::Tree(item) => &**item,
            };
            match item {
                Item::Section(section) => {
                    place.kind = match section.kind {
                        SectionKind::Types => CombinatorKind::Constructor,
                        SectionKind::Functions => CombinatorKind::Function,
                    }
                }
                Item::Layer(mark) => {
                    self.declare_layer(mark);
                    // Each layer's block begins with types again.
                    place = Place {
                        kind: CombinatorKind::Constructor,
                        layer: Some(mark.number),
                        ..place
                    };
                }
                Item::Combinator(tree) => {
                    self.declare(Written::Tree(tree), place, docs);
                }
                Item::Finalization(finalization) => self.finalize(finalization, file.text),
                Item::Partial(tree) => self.partials.push(Waiting {
                    tree,
                    layer: place.layer,
                }),
            }
        }
    }

    /// `New T;`: nothing constructs T before this. `Final T;`: nothing does after it. `Empty T;`: both.
    fn finalize(&mut self, finalization: &ast::Finalization<'s>, source: &'s str) {
        let ty = finalization.ty;
        let id = self.type_of(ty, source);
        let first = self.schema[id].constructors.first().copied();
        if let (FinalizationKind::New | FinalizationKind::Empty, Some(first)) =
            (finalization.kind, first)
        {
            let message = format!(
                "`{}` is declared {} here, but has a constructor already",
                ty.text,
                word(finalization.kind)
            );
            self.diagnostics.push(
                Diagnostic::new(Code::ClosedType, finalization.span, message)
                    .also(self.schema[first].name_span, "constructed here")
                    .help("put it before all constructors of the type, or leave it out"),
            );
        }
        if finalization.kind != FinalizationKind::New {
            let mentions = &mut self.schema.types[id.index()].mentions;
            mentions.is_final = true;
            mentions.is_empty |= finalization.kind == FinalizationKind::Empty;
            self.closed.insert(ty.text, *finalization);
        }
    }

    fn declare_layer(&mut self, mark: &ast::Layer) {
        match self.schema.layers.last().copied() {
            Some(previous) if previous >= mark.number => self.diagnostics.push(
                Diagnostic::new(
                    Code::LayerConflict,
                    mark.span,
                    match previous == mark.number {
                        true => format!("layer {previous} is marked twice"),
                        false => format!("layer {} stands behind layer {previous}", mark.number),
                    },
                )
                .help("put the layers in ascending order, each once"),
            ),
            _ => self.schema.layers.push(mark.number),
        }
    }

    /// Adds the compiler's own definitions that no file has; of the types that several definitions make up, all or none.
    pub(super) fn declare_prelude(&mut self, prelude: &'a Outline<'s>) {
        let is_whole = |ty: &str| {
            matches!(ty, "Bool" | "True" | "Object" | "Function")
                || matches!(ty, "Int32" | "Int64" | "SecureString" | "SecureBytes")
        };
        let known_types = self.schema.types.len();
        for entry in &prelude.entries {
            let written = match entry {
                Entry::Plain(definition) => Written::Plain(prelude.plain(definition)),
                Entry::Tree(item) => match &**item {
                    Item::Combinator(tree) => Written::Tree(tree),
                    _ => continue,
                },
            };
            let Some(head) = written.constructed() else {
                continue;
            };
            let is_defined = self.names.get(written.name().text).is_some()
                || is_whole(head.text)
                    && self
                        .type_named(head.text)
                        .is_some_and(|ty| ty.index() < known_types && self.is_constructed(ty));
            if !is_defined {
                let place = Place {
                    source: prelude.text,
                    kind: CombinatorKind::Constructor,
                    layer: None,
                    is_prelude: true,
                };
                self.declare(written, place, None);
            }
        }
        if let Some(object) = self.type_named("Object") {
            let only_packed = |id: &CombinatorId| self.schema[*id].name.as_str() == "gzip_packed";
            if self.schema[object].constructors.iter().all(only_packed) {
                self.schema.types[object.index()].builtin = Some(Builtin::Object);
            }
        }
    }

    /// Where types are called `O` or `S`, the names mean these and not the numbers they are elsewhere.
    pub(super) fn settle_number_names(&mut self) {
        let is_type = |name: &str| self.type_named(name).is_some();
        if !is_type("O") && !is_type("S") {
            return;
        }
        let firsts = self.schema.types.iter().map(|ty| ty.constructors.first());
        let params: Vec<_> = firsts
            .map(|first| first.map(|id| self.declared[id.index()].written.result_params(is_type)))
            .collect();
        for (ty, params) in self.schema.types.iter_mut().zip(params) {
            ty.params = params.unwrap_or_default();
        }
    }

    fn is_constructed(&self, ty: TypeId) -> bool {
        !self.schema[ty].constructors.is_empty()
    }

    fn declare(&mut self, written: Written<'a, 's>, place: Place<'s>, docs: Option<Docs>) {
        let mut kind = place.kind;
        // `=>` and `= !` belong to functions alone, wherever they stand.
        if written.is_written_as_function() {
            kind = CombinatorKind::Function;
        }
        let head = match kind {
            CombinatorKind::Constructor => match written.constructed() {
                Some(head) => Some(head),
                None => {
                    self.bare_result(&written.tree());
                    return self.refuse(written, place, kind);
                }
            },
            CombinatorKind::Function => None,
        };
        let id = CombinatorId(self.schema.combinators.len() as u32);
        match self.claim_name(written, id, kind, place) {
            Claim::Granted => {}
            Claim::Repeated => return,
            Claim::Refused(duplicate) => {
                self.diagnostics.push(*duplicate);
                return self.refuse(written, place, kind);
            }
        }
        let builtin = head.and_then(|_| prelude::builtin(written.name().text, || written.tree()));
        let constructs =
            head.map(|head| self.declare_type(written, head, id, builtin, place.source));
        let combinators = &mut self.schema.combinators;
        // Made when there is room for it, it is made in its place, and not copied there.
        combinators.extend(iter::once_with(|| {
            unresolved(written, place, kind, constructs)
        }));
        if let Some(own) = combinators.last_mut() {
            own.name.put(place.source, written.name().span.range());
            own.builtin = builtin;
            own.docs = docs.map(Box::new);
        }
        self.declared.push(Declared {
            written,
            constructs,
        });
    }

    /// Its body and its id are looked at all the same.
    #[cold]
    fn refuse(&mut self, written: Written<'a, 's>, place: Place<'s>, kind: CombinatorKind) {
        self.refused.push(Refused {
            written,
            combinator: Combinator {
                name: written.name().text.into(),
                ..unresolved(written, place, kind, None)
            },
        });
    }

    #[cold]
    fn bare_result(&mut self, tree: &ast::Combinator<'s>) {
        let message = "a constructor's result must be a boxed type";
        let found = Diagnostic::new(Code::BareResult, tree.result.span, message);
        self.diagnostics.push(match &tree.result.kind {
            _ if result_head(&tree.result).is_some() => found
                .label("this is an argument of the definition")
                .help("only functions return their arguments; those stand behind `---functions---`"),
            ExprKind::Name(name) => {
                let base = name.base();
                let namespace = &name.text[..name.text.len() - base.len()];
                let (first, rest) = base.split_at(base.len().min(1));
                let boxed = format!("{namespace}{}{rest}", first.to_ascii_uppercase());
                found
                    .label("types begin with an upper-case letter")
                    .help(format!(
                        "write `{boxed}`; to return a bare type, declare it behind `---functions---`"
                    ))
                    .fix(name.span, boxed)
            }
            _ => found
                .label("expected a type name that begins with an upper-case letter")
                .help("to return a variable or a bare type, declare it behind `---functions---`"),
        });
    }

    /// Takes the name for `id`, also from a definition of an earlier layer.
    fn claim_name(
        &mut self,
        written: Written<'a, 's>,
        id: CombinatorId,
        kind: CombinatorKind,
        Place { source, layer, .. }: Place<'s>,
    ) -> Claim {
        let name = written.name();
        if name.text == "_" {
            return Claim::Granted;
        }
        let symbol = self.names.symbol(source, name.span.range());
        let previous = match self.names.meaning(symbol) {
            Some(Meaning::Combinator(previous)) => previous,
            Some(Meaning::Type(_)) => return Claim::Granted,
            None => {
                self.names.set_meaning(symbol, Meaning::Combinator(id));
                return Claim::Granted;
            }
        };
        let first = &self.schema[previous];
        if first.layer != layer && first.kind == kind {
            self.names.set_meaning(symbol, Meaning::Combinator(id));
            let previous = (first.layer, previous);
            self.redefined.add(name.text, previous, (layer, id));
            return Claim::Granted;
        }
        let id_of = |written: Written<'_, '_>| computed_id(&written.tree(), self.schema.dialect);
        let first_written = self.declared[previous.index()].written;
        let same = first.span.file != name.span.file
            && first.kind == kind
            && id_of(first_written) == id_of(written)
            && written.id().is_none_or(|id| {
                let first_id = first.explicit_id.unwrap_or_else(|| id_of(first_written));
                id.value == first_id
            });
        if same {
            return Claim::Repeated;
        }
        Claim::Refused(Box::new(
            Diagnostic::new(Code::DuplicateName, name.span, format!("`{}` is defined twice", name.text))
                .label("defined again here")
                .also(first.name_span, "first defined here")
                .help("rename one of them; to redefine a name in a later layer, put it after a `===N===` mark"),
        ))
    }

    fn declare_type(
        &mut self,
        written: Written<'a, 's>,
        head: Ident<'s>,
        id: CombinatorId,
        builtin: Option<Builtin>,
        source: &'s str,
    ) -> TypeId {
        if let Some(closed) = self.closed.get(head.text) {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::ClosedType,
                    head.span,
                    format!(
                        "`{}` gets another constructor here, but {} has closed it",
                        head.text,
                        word(closed.kind)
                    ),
                )
                .also(closed.span, "closed here")
                .help("move the constructor before that, or leave one of the two out"),
            );
        }
        let ty = self.type_of(head, source);
        let entry = &mut self.schema.types[ty.index()];
        if entry.constructors.is_empty() {
            entry.params = written.result_params(|_| false);
            entry.builtin = builtin;
        } else if entry.builtin != builtin {
            entry.builtin = None;
        }
        entry.constructors.push(id);
        ty
    }

    pub(super) fn attach_class_docs(&mut self) {
        for (name, text) in std::mem::take(&mut self.class_docs) {
            if let Some(ty) = self.type_named(&name) {
                self.schema.types[ty.index()].docs = Some(text);
            }
        }
    }

    /// The type of a name in a text, declared now if it is not yet.
    fn type_of(&mut self, name: Ident<'s>, source: &'s str) -> TypeId {
        let types = &mut self.schema.types;
        let new = TypeId(types.len() as u32);
        let symbol = self.names.symbol(source, name.span.range());
        match self.names.meaning(symbol) {
            Some(Meaning::Type(known)) => return known,
            Some(Meaning::Combinator(_)) => {}
            None => self.names.set_meaning(symbol, Meaning::Type(new)),
        }
        types.push(Type {
            name: name.text.into(),
            constructors: Constructors::default(),
            params: Vec::new(),
            builtin: None,
            docs: None,
            mentions: Mentions::default(),
            span: name.span,
        });
        new
    }
}

/// Whether a definition gets its name.
enum Claim {
    /// It does.
    Granted,
    /// An identical definition of another file has it: files may share some, and the second one is left out in silence.
    Repeated,
    /// Another definition has it.
    Refused(Box<Diagnostic>),
}

/// Where a definition stands.
#[derive(Clone, Copy)]
struct Place<'s> {
    /// The text of its file.
    source: &'s str,
    kind: CombinatorKind,
    layer: Option<u32>,
    is_prelude: bool,
}

/// What is known of a combinator without a look at other definitions, but for its name.
#[inline(always)]
fn unresolved(
    written: Written<'_, '_>,
    place: Place<'_>,
    kind: CombinatorKind,
    constructs: Option<TypeId>,
) -> Combinator {
    let (name, explicit_id) = (written.name(), written.id());
    Combinator {
        name: Name::EMPTY,
        kind,
        id: 0,
        explicit_id: explicit_id.map(|id| id.value),
        id_mismatch: None,
        params: Params::default(),
        result: constructs.map_or(Term::Type, |ty| Term::Boxed(ty, Args::new())),
        layer: place.layer,
        builtin: None,
        span: written.span(),
        name_span: name.span,
        id_span: explicit_id.map_or(name.span.after(), |id| id.span),
        docs: None,
        is_opaque: written.is_opaque(),
        annotations: match written.annotations() {
            [] => Vec::new(),
            words => words.iter().map(|word| word.text.into()).collect(),
        },
        is_prelude: place.is_prelude,
    }
}

fn word(kind: FinalizationKind) -> &'static str {
    match kind {
        FinalizationKind::New => "`New`",
        FinalizationKind::Final => "`Final`",
        FinalizationKind::Empty => "`Empty`",
    }
}

/// The kinds of the result type's parameters, read off one of its constructors. `O` and `S n` are numbers unless the schema
/// has types of these names.
pub(super) fn result_params(
    tree: &ast::Combinator<'_>,
    is_type: impl Fn(&str) -> bool,
) -> Vec<Kind> {
    let params = results::args(&tree.result);
    if params.is_empty() {
        return Vec::new();
    }
    // By name, whether the first argument of that name is a number.
    let mut numbers = Map::default();
    for arg in &tree.args {
        let is_number = arg.ty.kind == ExprKind::Hash;
        for name in &arg.names {
            numbers.entry(name.text).or_insert(is_number);
        }
    }
    let kind_of_name = |name: &str| match numbers.get(name) {
        Some(true) => Kind::Nat,
        None if name == "O" && !is_type(name) => Kind::Nat,
        _ => Kind::Type,
    };
    let kind_of = |arg: &Expr<'_>| match &inside(arg).kind {
        ExprKind::Nat(_) | ExprKind::Add(_) => Kind::Nat,
        ExprKind::Name(name) => kind_of_name(name.text),
        ExprKind::Apply(apply) => match &apply.head.kind {
            ExprKind::Name(head) if head.text == "S" && !is_type("S") => Kind::Nat,
            _ => Kind::Type,
        },
        _ => Kind::Type,
    };
    params.iter().map(kind_of).collect()
}

/// What an argument of this type stands for, if it is a variable.
pub(super) fn kind_of_variable(ty: &Expr<'_>) -> Option<Kind> {
    match &inside(ty).kind {
        ExprKind::Hash => Some(Kind::Nat),
        ExprKind::Name(name) if name.text == "Type" => Some(Kind::Type),
        _ => None,
    }
}
