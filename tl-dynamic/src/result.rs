//! What functions return: <https://core.telegram.org/mtproto/TL-polymorph>.
//!
//! A result may be that of a wrapped query (`{X:Type} query:!X = X`), or depend on a number among the arguments
//! (`n:# = Tuple int n`). A call tells both.

use std::cell::Cell;

use crate::error::NameError;
use crate::program::{Arg, Combinator, Count, Program, Ty};
use crate::value::{Object, Value};

/// How many parts a result type may have when it is written out. Calls that wrap calls could double it each time.
const MAX_PARTS: u32 = 10_000;

/// The result of any call of a function.
pub(crate) fn of_function(program: &Program, function: u32) -> Result<Ty, NameError> {
    let combinator = program.combinator(function);
    let depends = || NameError {
        message: format!(
            "what `{}` returns depends on its arguments: a call is needed",
            combinator.name()
        ),
    };
    let mut substitution = Substitution {
        ty: |_| Err(depends()),
        nat: |_| Err(depends()),
        parts: &Cell::new(MAX_PARTS),
    };
    substitution.ty(result(combinator)?)
}

/// The result of one call. Calls of calls are followed one by one, however many.
pub(crate) fn of_call(program: &Program, call: &Value) -> Result<Ty, NameError> {
    of_wrapped_call(program, call, &Cell::new(MAX_PARTS))
}

fn of_wrapped_call(program: &Program, call: &Value, parts: &Cell<u32>) -> Result<Ty, NameError> {
    let mut call = call;
    loop {
        let Value::Object(object) = call else {
            return error(match call {
                Value::Raw(_) => "the query is kept as bytes; what it returns is not known".into(),
                other => format!("expected a call, found {}", other.describe()),
            });
        };
        let combinator = match object.shape.index {
            Some(index) if program.combinator(index).is_function() => program.combinator(index),
            _ => return error(format!("`{}` is no function", object.name())),
        };
        let ty = result(combinator)?;
        if let Ty::Var { slot, .. } = ty {
            call = query(combinator, object, *slot)?;
            continue;
        }
        let mut substitution = Substitution {
            ty: |slot| of_wrapped_call(program, query(combinator, object, slot)?, parts),
            nat: |slot| nat(combinator, object, slot),
            parts,
        };
        return substitution.ty(ty);
    }
}

fn result(combinator: &Combinator) -> Result<&Ty, NameError> {
    match &combinator.result {
        Some(ty) => Ok(ty),
        None => error(format!("`{}` is no function", combinator.name())),
    }
}

/// The call that a type variable stands for the result of.
fn query<'v>(combinator: &Combinator, call: &'v Object, slot: u16) -> Result<&'v Value, NameError> {
    let mut fields = combinator.fields.iter();
    let at = fields.position(|field| field.ty == Ty::Query(Some(slot)));
    at.and_then(|at| call.at(at)).map_or_else(
        || {
            error(format!(
                "nothing in the call of `{}` tells what it returns",
                combinator.name()
            ))
        },
        Ok,
    )
}

fn nat(combinator: &Combinator, call: &Object, slot: u16) -> Result<u32, NameError> {
    let mut fields = combinator.fields.iter();
    let at = fields.position(|field| field.slot == Some(slot));
    match at.map(|at| call.at(at)) {
        Some(Some(Value::Nat(value))) => Ok(*value),
        // An absent number is none of the bits and no item.
        Some(None) => Ok(0),
        _ => error(format!(
            "nothing in the call of `{}` tells what it returns",
            combinator.name()
        )),
    }
}

/// Puts types and numbers in the place of variables.
struct Substitution<'p, T, N> {
    ty: T,
    nat: N,
    /// How many more parts the type may get.
    parts: &'p Cell<u32>,
}

impl<T, N> Substitution<'_, T, N>
where
    T: FnMut(u16) -> Result<Ty, NameError>,
    N: FnMut(u16) -> Result<u32, NameError>,
{
    fn ty(&mut self, ty: &Ty) -> Result<Ty, NameError> {
        match self.parts.get().checked_sub(1) {
            Some(left) => self.parts.set(left),
            None => return error(format!("the result's type has more than {MAX_PARTS} parts")),
        }
        Ok(match ty {
            Ty::Var { slot, .. } => (self.ty)(*slot)?,
            Ty::Vector { is_boxed, item } => Ty::Vector {
                is_boxed: *is_boxed,
                item: Box::new(self.ty(item)?),
            },
            Ty::Boxed(index, args) => Ty::Boxed(*index, self.args(args)?),
            Ty::Bare(index, args) => Ty::Bare(*index, self.args(args)?),
            Ty::BareType(index, args) => Ty::BareType(*index, self.args(args)?),
            other => other.clone(),
        })
    }

    fn args(&mut self, args: &[Arg]) -> Result<Box<[Arg]>, NameError> {
        let args = args.iter().map(|arg| {
            Ok(match arg {
                Arg::Type(ty) => Arg::Type(self.ty(ty)?),
                Arg::Nat(count) => Arg::Nat(self.count(*count)?),
            })
        });
        args.collect()
    }

    fn count(&mut self, count: Count) -> Result<Count, NameError> {
        let value = count.slot.map_or(Ok(0), &mut self.nat)?;
        match value.checked_add(count.plus) {
            Some(plus) => Ok(Count { slot: None, plus }),
            None => error("a number in the result exceeds 32 bits".to_owned()),
        }
    }
}

fn error<T>(message: String) -> Result<T, NameError> {
    Err(NameError { message })
}
