//! Which types and constructors can hold themselves, so that the depth of their values has to be counted.
//!
//! The rule is that of generated code: a type counts if its values can hold values of the same type at any distance, a bare
//! constructor if it can hold itself with no value of a type in between.

use crate::program::{Arg, Field, Program, Ty};

/// Marks them.
pub(crate) fn mark(program: &mut Program) {
    let types = program.types.len();
    let mut edges = edges(program);
    let cyclic = cyclic(&edges);
    for to in &mut edges[..types] {
        to.clear();
    }
    for to in &mut edges[types..] {
        to.retain(|&node| node >= types);
    }
    let cyclic_bare = self::cyclic(&edges);
    for (ty, is_cyclic) in program.types.iter_mut().zip(&cyclic) {
        ty.is_recursive = *is_cyclic;
    }
    for (combinator, is_cyclic) in program.combinators.iter_mut().zip(&cyclic_bare[types..]) {
        combinator.is_recursive = *is_cyclic;
    }
}

/// What each node holds: types come first and hold their constructors, then come constructors and functions.
pub(crate) fn edges(program: &Program) -> Vec<Vec<usize>> {
    let types = program.types.len();
    let mut edges: Vec<Vec<usize>> = Vec::with_capacity(types + program.combinators.len());
    for ty in &program.types {
        let to = ty.constructors.iter().map(|own| types + own.1 as usize);
        edges.push(to.collect());
    }
    for combinator in &program.combinators {
        let mut to = Vec::new();
        fields(&combinator.fields, program, &mut to);
        edges.push(to);
    }
    edges
}

fn fields(fields: &[Field], program: &Program, to: &mut Vec<usize>) {
    for field in fields {
        ty(&field.ty, program, to);
    }
}

/// The nodes that a value holds, types before combinators; arguments count, for they say what is held further in.
pub(crate) fn ty(held: &Ty, program: &Program, to: &mut Vec<usize>) {
    let types = program.types.len();
    match held {
        Ty::Boxed(index, _) | Ty::BareType(index, _) => to.push(*index as usize),
        Ty::Bare(index, _) => to.push(types + *index as usize),
        Ty::Vector { item, .. } => ty(item, program, to),
        Ty::Repeat(repeat) => fields(&repeat.fields, program, to),
        _ => {}
    }
    for arg in held.args() {
        if let Arg::Type(inner) = arg {
            ty(inner, program, to);
        }
    }
}

/// Per node whether it reaches itself: Tarjan's algorithm with a stack of its own.
fn cyclic(edges: &[Vec<usize>]) -> Vec<bool> {
    const NEW: usize = usize::MAX;
    let mut index = vec![NEW; edges.len()];
    let mut low = vec![0; edges.len()];
    let mut on_stack = vec![false; edges.len()];
    let mut cyclic = vec![false; edges.len()];
    let (mut stack, mut calls, mut visited) = (Vec::new(), Vec::new(), 0);
    for root in 0..edges.len() {
        if index[root] == NEW {
            calls.push((root, 0));
        }
        while let Some((node, next)) = calls.pop() {
            if next == 0 {
                index[node] = visited;
                low[node] = visited;
                visited += 1;
                on_stack[node] = true;
                stack.push(node);
            }
            if let Some(&to) = edges[node].get(next) {
                calls.push((node, next + 1));
                cyclic[node] |= to == node;
                if index[to] == NEW {
                    calls.push((to, 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == index[node] {
                let at = stack
                    .iter()
                    .rposition(|&member| member == node)
                    .unwrap_or(0);
                let members = stack.split_off(at);
                let is_cycle = members.len() > 1;
                for member in members {
                    on_stack[member] = false;
                    cyclic[member] |= is_cycle;
                }
            }
        }
    }
    cyclic
}

#[cfg(test)]
mod tests {
    use super::cyclic;

    #[test]
    fn cycles_and_self_loops_are_found_and_what_leads_to_them_is_not() {
        let edges = [vec![1], vec![2], vec![1, 3], vec![], vec![4], vec![0, 4]];
        assert_eq!(cyclic(&edges), [false, true, true, false, true, false]);
    }
}
