//! One definition on one line.

use std::collections::HashSet;

use super::super::decode::{Arg, Child, Combinator, Expr, ExprKind, Nat, Type, malformed};
use super::super::{
    ANNOTATIONS, ARRAY, Malformed, NAT_ID, TYPE_FINAL, TYPE_ID, TYPE_PERCENT, TloError, UNLISTED,
};
use super::scope::Scope;
use super::spelling::Doubt;
use super::{Constructed, MAX_TEXT_BYTES, Names, bad_name};
use crate::format::name::is_arg_name;

/// A definition's text.
pub(super) struct Line {
    pub text: String,
    /// What could be spelled otherwise, in the order of the text.
    pub doubts: Vec<Doubt>,
    /// The types that a constructor's name stands for.
    pub named: HashSet<usize>,
}

/// Prints a definition. `choices` decides the doubts in order; `true` takes the second spelling.
pub(super) fn print<'b>(
    names: &Names<'b>,
    combinator: &Combinator<'b>,
    is_function: bool,
    choices: &[bool],
) -> Result<Line, TloError> {
    let mut printer = Printer {
        names,
        choices,
        scope: Scope::default(),
        line: Line {
            text: String::new(),
            doubts: Vec::new(),
            named: HashSet::new(),
        },
    };
    printer.combinator(combinator, is_function)?;
    Ok(printer.line)
}

struct Printer<'p, 'b> {
    names: &'p Names<'b>,
    choices: &'p [bool],
    scope: Scope<'b>,
    line: Line,
}

impl<'b> Printer<'_, 'b> {
    fn combinator(
        &mut self,
        combinator: &Combinator<'b>,
        is_function: bool,
    ) -> Result<(), TloError> {
        if is_function {
            self.annotations(combinator.flags);
        }
        self.push(combinator.name);
        self.push(&format!("#{:08x}", combinator.id));
        match &combinator.args {
            None => self.push(" ?"),
            Some(args) => self.args(args)?,
        }
        self.push(" = ");
        self.result(&combinator.result)?;
        self.push(";");
        Ok(())
    }

    /// `@read` and `@write` together are `@readwrite`.
    fn annotations(&mut self, flags: u32) {
        let access = flags & 3;
        for (word, bits) in ANNOTATIONS {
            let is_set = if bits <= 3 {
                access == bits
            } else {
                flags & bits != 0
            };
            if is_set {
                self.push(&format!("@{word} "));
            }
        }
    }

    fn args(&mut self, args: &[Arg<'b>]) -> Result<(), TloError> {
        args.iter().try_for_each(|arg| self.arg(arg))
    }

    fn arg(&mut self, arg: &Arg<'b>) -> Result<(), TloError> {
        self.check_size(arg.offset)?;
        self.push(if arg.is_implicit { " {" } else { " " });
        self.arg_name(arg)?;
        if let Some(condition) = arg.condition {
            let word = self.var(condition.word, arg.offset)?;
            self.push(&format!("{word}.{}?", condition.bit));
        }
        if arg.is_query {
            self.push("!");
        }
        match &arg.ty.kind {
            ExprKind::Repeat { count, args } => self.repeat(count, args)?,
            _ => self.expr(&arg.ty)?,
        }
        if arg.is_implicit {
            self.push("}");
        }
        if let Some(number) = arg.declares {
            let is_nat = matches!(arg.ty.kind, ExprKind::Apply { id: NAT_ID, .. });
            self.scope.declare(number, arg.name, is_nat);
        }
        Ok(())
    }

    /// `name:`; nothing for an anonymous argument that can do without.
    fn arg_name(&mut self, arg: &Arg<'b>) -> Result<(), TloError> {
        match arg.name {
            "" if arg.is_implicit => return Err(bad_name(arg.offset, "")),
            "" if arg.condition.is_some() => self.push("_:"),
            "" => {
                if self.doubt(Doubt::Anonymous) {
                    self.push("_:");
                }
            }
            name if !is_arg_name(name) => return Err(bad_name(arg.offset, name)),
            name => {
                self.push(name);
                self.push(":");
            }
        }
        Ok(())
    }

    fn repeat(&mut self, count: &Nat, args: &[Arg<'b>]) -> Result<(), TloError> {
        let can_be_implicit =
            count.plus == 0 && count.var.is_some() && count.var == self.scope.last_nat();
        let can_be_explicit = count
            .var
            .is_none_or(|number| self.scope.name(number).is_ok());
        if !can_be_implicit || can_be_explicit && self.doubt(Doubt::Count) {
            self.nat(count)?;
            self.push("*");
        }
        self.push("[");
        let outside = self.scope.len();
        self.args(args)?;
        self.scope.leave(outside);
        self.push(" ]");
        Ok(())
    }

    /// `Type a b`, as results are written. Everywhere else it is `Type<a,b>`.
    fn result(&mut self, result: &Expr<'b>) -> Result<(), TloError> {
        let ExprKind::Apply {
            id,
            bare: false,
            args,
        } = &result.kind
        else {
            return self.expr(result);
        };
        self.type_name(*id, false, result.offset)?;
        args.iter().try_for_each(|arg| {
            self.push(" ");
            self.child(arg)
        })
    }

    fn expr(&mut self, expr: &Expr<'b>) -> Result<(), TloError> {
        self.check_size(expr.offset)?;
        match &expr.kind {
            ExprKind::Var { number, bare } => {
                let name = self.var(*number, expr.offset)?;
                self.push(if *bare { "%" } else { "" });
                self.push(name);
            }
            ExprKind::Apply { id, bare, args } => {
                self.type_name(*id, *bare, expr.offset)?;
                for (index, arg) in args.iter().enumerate() {
                    self.push(if index == 0 { "<" } else { "," });
                    self.child(arg)?;
                }
                self.push(if args.is_empty() { "" } else { ">" });
            }
            ExprKind::Repeat { .. } => {
                let what = Malformed::UnexpectedMagic {
                    found: ARRAY,
                    expected: "a type that is no repetition",
                };
                return Err(malformed(expr.offset, what));
            }
        }
        Ok(())
    }

    fn child(&mut self, child: &Child<'b>) -> Result<(), TloError> {
        match child {
            Child::Type(expr) => self.expr(expr),
            Child::Nat(nat) => self.nat(nat),
        }
    }

    fn nat(&mut self, nat: &Nat) -> Result<(), TloError> {
        let Some(number) = nat.var else {
            match nat.plus == 0 && self.doubt(Doubt::Successor) {
                true => self.push("O"),
                false => self.push(&nat.plus.to_string()),
            }
            return Ok(());
        };
        let name = self.var(number, nat.offset)?;
        match nat.plus {
            0 => self.push(name),
            1 if self.doubt(Doubt::Successor) => self.push(&format!("(S {name})")),
            plus => self.push(&format!("({name}+{plus})")),
        }
        Ok(())
    }

    fn var(&self, number: u32, offset: usize) -> Result<&'b str, TloError> {
        self.scope
            .name(number)
            .map_err(|what| malformed(offset, what))
    }

    fn type_name(&mut self, id: u32, bare: bool, offset: usize) -> Result<(), TloError> {
        match id {
            NAT_ID => self.push("#"),
            TYPE_ID => self.push("Type"),
            _ => match UNLISTED.iter().find(|known| known.0 == id) {
                Some((_, constructor, ty)) if !self.names.lists(id) => {
                    self.push(if bare { constructor } else { ty });
                }
                _ => self.listed_type_name(self.names.find(id, offset)?, bare),
            },
        }
        Ok(())
    }

    fn listed_type_name(&mut self, index: usize, bare: bool) {
        let ty = &self.names.types[index];
        match self.names.constructed[index] {
            Constructed::Once(name) if bare && name != "_" && !self.takes_percent(ty) => {
                self.line.named.insert(index);
                self.push(name);
            }
            _ => {
                self.push(if bare { "%" } else { "" });
                self.push(ty.name);
            }
        }
    }

    /// Whether a bare use of a type with one constructor is `%Foo` and not `foo`. The C parsers note which of them occur.
    fn takes_percent(&mut self, ty: &Type<'b>) -> bool {
        match (ty.flags & TYPE_PERCENT != 0, ty.flags & TYPE_FINAL != 0) {
            (true, false) => true,
            (false, true) => false,
            _ => self.doubt(Doubt::BareType),
        }
    }

    /// Notes a doubt and says whether it is decided for the second spelling.
    fn doubt(&mut self, doubt: Doubt) -> bool {
        let place = self.line.doubts.len();
        self.line.doubts.push(doubt);
        self.choices.get(place).copied().unwrap_or(false)
    }

    fn check_size(&self, offset: usize) -> Result<(), TloError> {
        match self.line.text.len() > MAX_TEXT_BYTES {
            true => Err(malformed(offset, Malformed::TooLarge)),
            false => Ok(()),
        }
    }

    fn push(&mut self, text: &str) {
        self.line.text.push_str(text);
    }
}
