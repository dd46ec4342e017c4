//! What can't be resolved, said to people. All of it is off the beaten path.

use super::super::{Builtin, CombinatorId, Kind, TypeId, prelude};
use super::bodies::Bodies;
use super::scope::{Scope, Var};
use super::written::Written;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::span::Span;
use crate::syntax::ast::{Arg, Expr, ExprKind, Ident, Nat};
use crate::syntax::print;

impl<'s> Bodies<'_, 's> {
    #[cold]
    pub(super) fn duplicate_argument(&mut self, name: &Ident<'s>, first: Span) {
        let message = format!("argument `{}` is defined twice", name.text);
        self.diagnostics.push(
            Diagnostic::new(Code::DuplicateArgument, name.span, message)
                .label("defined again here")
                .also(first, "first defined here")
                .help("arguments of one definition have names of their own: rename one, as `flags2` for a second `flags`"),
        );
    }

    /// `{x:int}` or `{X:!Type}`
    #[cold]
    pub(super) fn implicit_value(&mut self, arg: &Arg<'s>) {
        let name = arg.names.first().map_or("_", |name| name.text);
        self.diagnostics.push(match arg.bang {
            Some(bang) => Diagnostic::new(
                Code::ImplicitValue,
                bang,
                format!("the implicit argument `{name}` can't be a call: it is never sent"),
            )
            .label("`!` marks a value that is sent")
            .help(format!("leave it out here, and write it where the call is sent: `query:!{name}`"))
            .fix(bang, ""),
            None => {
                let ty = print::expr(&arg.ty);
                Diagnostic::new(
                    Code::ImplicitValue,
                    arg.ty.span,
                    format!("the implicit argument `{name}` is neither a type nor a number"),
                )
                .label("`Type` or `#` belongs here")
                .help(format!(
                    "what is in braces is never sent; a value that is sent stands outside of them: `{name}:{ty}`"
                ))
            }
        });
    }

    /// `!n*[ int ]`
    #[cold]
    pub(super) fn call_of_repetition(&mut self, arg: &Arg<'s>) {
        let message = "a repetition can't be a call";
        self.diagnostics.push(
            Diagnostic::new(Code::WrongKind, arg.bang.unwrap_or(arg.span), message)
                .label("`!` goes with the type that a call returns")
                .help("repeat the call: `n*[ !X ]`"),
        );
    }

    #[cold]
    pub(super) fn unknown_flags_word(&mut self, word: &Ident<'s>, scope: &Scope<'_, 's>) {
        if let Some(place) = scope.declaration(word.text) {
            return self.used_before_bound(word, place);
        }
        let message = format!("no argument `{}` stands before this condition", word.text);
        let unknown =
            Diagnostic::new(Code::UnknownFlagsWord, word.span, message).label("unknown flags word");
        let near = self
            .may_suggest()
            .then(|| nearest(word.text, scope.names()));
        self.diagnostics.push(match near.flatten() {
            Some(near) => unknown
                .help(format!("did you mean `{near}`?"))
                .fix(word.span, near),
            None => unknown.help(format!("declare it first: `{}:#`", word.text)),
        });
    }

    #[cold]
    pub(super) fn not_a_flags_word(&mut self, word: &Ident<'s>, var: &Var<'s>) {
        let message = format!("`{}` is not a flags word", word.text);
        self.diagnostics.push(
            Diagnostic::new(Code::NotAFlagsWord, word.span, message)
                .label("a condition needs an argument of type `#`")
                .also(var.span, "declared here"),
        );
    }

    #[cold]
    pub(super) fn bit_out_of_range(&mut self, bit: Nat) {
        let message = format!("flag bit {} is out of range", bit.value);
        self.diagnostics.push(
            Diagnostic::new(Code::BitOutOfRange, bit.span, message)
                .label("a flags word has bits 0 to 31")
                .help("take a free bit, or declare a second flags word"),
        );
    }

    #[cold]
    pub(super) fn missing_count(&mut self, repeat: &Expr<'s>, scope: &Scope<'_, 's>) {
        let message = "nothing says how often this repeats";
        let missing = Diagnostic::new(Code::MissingCount, repeat.span, message);
        self.diagnostics.push(match scope.last_outer_nat() {
            None => missing
                .label("no `#` argument stands before it")
                .help("write the count before it, `4*[ … ]` or `n*[ … ]`; a list that has its own count is a `Vector`"),
            Some(outer) => {
                let help = match outer.name {
                    "" | "_" => {
                        "give the `#` a name, `n:#`, and write it before the brackets: `n*[ … ]`"
                            .to_owned()
                    }
                    name => format!("write it before the brackets if it is meant: `{name}*[ … ]`"),
                };
                missing
                    .label("no `#` argument stands before it in the same brackets")
                    .also(outer.span, "this `#` counts only repetitions beside it")
                    .help(help)
            }
        });
    }

    #[cold]
    pub(super) fn sum_too_large(&mut self, span: Span) {
        let message = "this sum does not fit in 32 bits";
        self.diagnostics.push(
            Diagnostic::new(Code::NumberTooLarge, span, message)
                .label(format!("the largest number is {}", u32::MAX)),
        );
    }

    /// `O 1`, `S n m`
    #[cold]
    pub(super) fn number_constructor_arity(&mut self, name: &Ident<'s>, args: &[Expr<'s>]) {
        let (message, help) = match name.text {
            "O" => (
                format!("`O`, the number 0, takes no arguments, not {}", args.len()),
                "write `0`",
            ),
            _ => (
                format!(
                    "`S`, the number after another, takes 1 argument, not {}",
                    args.len()
                ),
                "write `(n+1)` for the number after `n`",
            ),
        };
        let span = args
            .last()
            .map_or(name.span, |last| name.span.to(last.span));
        self.diagnostics
            .push(Diagnostic::new(Code::WrongArity, span, message).help(help));
    }

    #[cold]
    pub(super) fn repeat_inside_type(&mut self, repeat: &Expr<'s>) {
        let message = "a repetition can't stand inside a type";
        self.diagnostics.push(
            Diagnostic::new(Code::WrongKind, repeat.span, message)
                .help("give it an argument of its own"),
        );
    }

    #[cold]
    pub(super) fn sum_without_number(&mut self, span: Span) {
        self.diagnostics.push(
            Diagnostic::new(Code::WrongKind, span, "one side of a sum must be a number")
                .help("TL adds constants only: `n+1`"),
        );
    }

    #[cold]
    pub(super) fn not_applicable(&mut self, head: &Expr<'s>) {
        let message = "only a type can be applied to arguments";
        self.diagnostics
            .push(Diagnostic::new(Code::WrongKind, head.span, message).label("not a type"));
    }

    #[cold]
    pub(super) fn bare_of_no_type(&mut self, span: Span) {
        let message = "`%` must stand before a type";
        self.diagnostics
            .push(Diagnostic::new(Code::WrongKind, span, message).label("not a type"));
    }

    #[cold]
    pub(super) fn ambiguous_bare(
        &mut self,
        ty: TypeId,
        count: usize,
        examples: &[CombinatorId],
        span: Span,
    ) {
        let name = &self.schema[ty].name;
        let ambiguous = match count {
            0 => {
                let message = format!("`{name}` has no constructor, so it has no bare form");
                Diagnostic::new(Code::AmbiguousBare, span, message)
                    .label("bare use here")
                    .help("write the type without `%`, or define a constructor")
            }
            _ => {
                let message = format!(
                    "`{name}` has {count} constructors, so its bare form does not say which is meant"
                );
                let help = match self.schema.types[ty.index()].builtin {
                    Some(Builtin::Bool) => format!("write `{name}`: its id says which it is"),
                    _ => {
                        let first = examples.first().map(|id| &self.schema[*id].name);
                        let first = first.map_or(String::new(), |first| format!(", as `{first}`"));
                        format!(
                            "name the constructor itself{first}, or write `{name}`, whose id says which it is"
                        )
                    }
                };
                Diagnostic::new(Code::AmbiguousBare, span, message)
                    .label("bare use here")
                    .help(help)
            }
        };
        let ambiguous = self.with_constructors(ambiguous, examples, "one of them");
        self.diagnostics.push(ambiguous);
    }

    /// `%(Tuple X 5)` where constructors make `Tuple X 0` and `Tuple X 1`.
    #[cold]
    pub(super) fn no_constructor_fits(
        &mut self,
        ty: TypeId,
        constructors: &[CombinatorId],
        span: Span,
    ) {
        let name = &self.schema[ty].name;
        let message = format!("no constructor of `{name}` makes a value with these numbers");
        let unfit = Diagnostic::new(Code::NoConstructorFits, span, message)
            .label("nothing could stand here")
            .help("use numbers that a constructor's result has, or define a constructor for these");
        let unfit = self.with_constructors(unfit, constructors, "its result has other numbers");
        self.diagnostics.push(unfit);
    }

    /// The first few constructors that come from files.
    fn with_constructors(
        &self,
        mut diagnostic: Diagnostic,
        constructors: &[CombinatorId],
        text: &str,
    ) -> Diagnostic {
        let first = constructors.iter().take(3).map(|id| &self.schema[*id]);
        for constructor in first.filter(|constructor| !constructor.is_prelude) {
            diagnostic = diagnostic.also(constructor.name_span, text);
        }
        diagnostic
    }

    #[cold]
    pub(super) fn applied_variable(&mut self, name: &Ident<'s>, var: &Var<'s>, first: &Expr<'s>) {
        let message = format!("`{}` is a variable and takes no arguments", name.text);
        self.diagnostics.push(
            Diagnostic::new(Code::WrongArity, first.span, message).also(var.span, "declared here"),
        );
    }

    #[cold]
    pub(super) fn function_as_type(&mut self, name: &Ident<'s>, function: CombinatorId) {
        let message = format!("`{}` is a function, not a type", name.text);
        self.diagnostics.push(
            Diagnostic::new(Code::FunctionAsType, name.span, message)
                .also(self.schema[function].name_span, "declared here")
                .help("name a type or a constructor; constructors stand before `---functions---`, or behind a `---types---`"),
        );
    }

    #[cold]
    pub(super) fn wrong_arity(&mut self, name: &Ident<'s>, ty: TypeId, args: &[Expr<'s>]) {
        let entry = &self.schema[ty];
        let span = args
            .last()
            .map_or(name.span, |last| name.span.to(last.span));
        let message = format!(
            "`{}` takes {}, not {}",
            name.text,
            count_of(entry.params.len(), "type argument"),
            args.len()
        );
        let mut wrong = Diagnostic::new(Code::WrongArity, span, message);
        if entry.span.file != prelude::FILE {
            wrong = wrong.also(entry.span, "defined here");
        }
        let help = match entry.params.len() {
            0 => format!("write `{}` alone", name.text),
            count => {
                let places = vec!["…"; count.min(9)];
                let (commas, blanks) = (places.join(","), places.join(" "));
                format!("write `{0}<{commas}>` or `({0} {blanks})`", name.text)
            }
        };
        self.diagnostics.push(wrong.help(help));
    }

    #[cold]
    pub(super) fn wrong_kind(&mut self, expr: &Expr<'s>, wanted: Kind) {
        let found = print::expr(expr);
        let message = match wanted {
            Kind::Nat => format!("expected a number, found the type `{found}`"),
            Kind::Type => format!("expected a type, found the number `{found}`"),
        };
        let label = match wanted {
            Kind::Nat => "a number belongs here",
            Kind::Type => "a type belongs here",
        };
        self.diagnostics
            .push(Diagnostic::new(Code::WrongKind, expr.span, message).label(label));
    }

    #[cold]
    pub(super) fn unknown(&mut self, name: &Ident<'s>, scope: &Scope<'_, 's>) {
        if let Some(value) = scope.find(name.text) {
            let message = format!("`{}` is a value, not a type or a number", name.text);
            self.diagnostics.push(
                Diagnostic::new(Code::WrongKind, name.span, message)
                    .also(value.span, "declared here")
                    .help("only arguments of type `#` or `Type` can be used in later types"),
            );
        } else if let Some(place) = scope.declaration(name.text) {
            self.used_before_bound(name, place);
        } else {
            self.undefined(name);
        }
    }

    /// Something anonymous that nothing defines is mostly the name of an argument that has lost its colon.
    #[cold]
    pub(super) fn advise_colon(&mut self, arg: &Arg<'s>, next: Option<&Arg<'s>>) {
        let (ExprKind::Name(name), true) = (&arg.ty.kind, arg.names.is_empty()) else {
            return;
        };
        let ty = match next {
            Some(next) if next.names.is_empty() => print::expr(&next.ty),
            _ => "type".to_owned(),
        };
        if let Some(found) = self.diagnostics.last_mut()
            && found.code == Code::UnknownType
            && found.primary.span == name.span
            && found.help.is_none()
        {
            found.help = Some(format!(
                "if this is the name of an argument, a colon joins it to its type: `{}:{ty}`",
                name.text
            ));
        }
    }

    /// A function that is called as a constructor of this type would be, and returns it.
    fn constructor_among_functions(&self, name: &Ident<'s>) -> Option<Ident<'s>> {
        let base = name.base();
        let is_like = |own: &str| {
            own.get(..base.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(base))
        };
        let functions = self.declared.iter().filter(|one| one.constructs.is_none());
        functions
            .map(|one| one.written)
            .find(|written| {
                let result = written.result_head();
                is_like(written.name().base()) && result.is_some_and(|head| head.text == name.text)
            })
            .map(Written::name)
    }

    fn undefined(&mut self, name: &Ident<'s>) {
        let what = match name.is_boxed() {
            true => "type",
            false => "type or constructor",
        };
        let unknown = self.unknown_name(name, what);
        self.diagnostics.push(unknown);
    }

    /// The head of a partial application.
    #[cold]
    pub(super) fn unknown_applied(&mut self, name: &Ident<'s>) {
        let what = match name.is_boxed() {
            true => "type",
            false => "constructor or function",
        };
        let mut unknown = self.unknown_name(name, what);
        unknown.help.get_or_insert_with(|| {
            format!(
                "a definition closes with its result, `{} … = Type;`; without one, this gives the variables of another \
                 definition a value",
                name.text
            )
        });
        self.diagnostics.push(unknown);
    }

    fn unknown_name(&mut self, name: &Ident<'s>, what: &str) -> Diagnostic {
        let message = format!("unknown {what} `{}`", name.text);
        let mut unknown =
            Diagnostic::new(Code::UnknownType, name.span, message).label("nothing defines it");
        if !self.may_suggest() {
            return unknown;
        }
        if let Some(function) = self.constructor_among_functions(name) {
            return unknown
                .also(
                    function.span,
                    "a function, for it stands below `---functions---`",
                )
                .help(format!(
                    "to make `{}` a constructor, move it up, or write `---types---` before it",
                    function.text
                ));
        }
        if let Some(near) = self.nearest_of_same_case(name) {
            unknown = unknown
                .help(format!("did you mean `{near}`?"))
                .fix(name.span, near);
        }
        unknown
    }

    /// Suggestions search all names, so there are only so many.
    fn may_suggest(&mut self) -> bool {
        let may = self.suggestions_left > 0;
        self.suggestions_left = self.suggestions_left.saturating_sub(1);
        may
    }

    fn nearest_of_same_case(&mut self, name: &Ident<'s>) -> Option<&'s str> {
        let is_boxed = |text| Ident { text, ..*name }.is_boxed();
        let known = self.names.known();
        let mut known: Vec<_> = known
            .filter(|known| is_boxed(known) == name.is_boxed())
            .collect();
        known.sort_unstable();
        let base = |text| Ident { text, ..*name }.base();
        let in_other_namespace = known.iter().find(|known| base(known) == name.base());
        if let Some(known) = in_other_namespace {
            return Some(known);
        }
        nearest(name.text, known.into_iter())
    }

    fn used_before_bound(&mut self, name: &Ident<'s>, declared: Span) {
        let message = format!("`{}` is used before it is declared", name.text);
        self.diagnostics.push(
            Diagnostic::new(Code::UsedBeforeBound, name.span, message)
                .label("used here")
                .also(declared, "declared only here")
                .help("an argument's type may use only the arguments before it: declare it first"),
        );
    }
}

fn count_of(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
