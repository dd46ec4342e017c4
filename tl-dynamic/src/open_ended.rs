//! Which objects may be kept as they are: those that take the rest of their message.
//!
//! The rule is that of generated code, which knows it before it reads: an object that is the last field of its combinator, where
//! values of that combinator are followed by nothing in whatever holds them. All others end where their own fields do.

use crate::program::{Arg, Field, Program, Ty};
use crate::recursion;

/// Marks them.
pub(crate) fn mark(program: &mut Program) {
    let types = program.types.len();
    let edges = recursion::edges(program);
    let mut waiting = Vec::new();
    for combinator in &program.combinators {
        collect_followed(&combinator.fields, program, &mut waiting);
    }
    // What a followed value ends with is followed, too.
    let mut is_followed = vec![false; edges.len()];
    while let Some(node) = waiting.pop() {
        if !std::mem::replace(&mut is_followed[node], true) {
            waiting.extend(&edges[node]);
        }
    }
    for (combinator, is_followed) in program.combinators.iter_mut().zip(&is_followed[types..]) {
        let fields = &combinator.fields;
        combinator.open_field = last(fields)
            .filter(|&at| !is_followed && matches!(fields[at].ty, Ty::Object | Ty::Query(_)));
    }
}

/// Collects what something can follow.
fn collect_followed(fields: &[Field], program: &Program, followed: &mut Vec<usize>) {
    let last = last(fields);
    for (at, field) in fields.iter().enumerate() {
        match &field.ty {
            // Where in a type its arguments stand is not looked at.
            ty @ (Ty::Boxed(..) | Ty::BareType(..) | Ty::Bare(..)) if Some(at) == last => {
                for arg in ty.args() {
                    if let Arg::Type(ty) = arg {
                        recursion::ty(ty, program, followed);
                    }
                }
            }
            ty => recursion::ty(ty, program, followed),
        }
    }
}

/// The last field that takes bytes when it is there.
fn last(fields: &[Field]) -> Option<usize> {
    fields.iter().rposition(|field| field.ty != Ty::True)
}
