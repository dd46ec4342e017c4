//! Who uses a type or a constructor: the arguments that hold its values, and the functions that answer with them.

use super::{CombinatorId, CombinatorKind, Param, Schema, Term, TypeId, View};

/// One place that names a type or a constructor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Use<'a> {
    /// The constructor or function it stands in.
    pub by: CombinatorId,
    /// The argument; the innermost one, if it stands in a repetition. `None` for the result.
    pub argument: Option<&'a Param>,
}

impl<'a> View<'a> {
    /// Where values of a type occur at this layer, boxed or bare, alone or in other types: arguments of constructors and
    /// functions and results of functions, in source order. What merely constructs the type does not use it.
    pub fn uses_of_type(&self, ty: TypeId) -> Vec<Use<'a>> {
        let schema = self.schema();
        self.uses(|term| match term {
            Term::Boxed(named, _) | Term::BareType(named, _) => *named == ty,
            Term::Bare(id, _) => schema.result_type(*id) == Some(ty),
            _ => false,
        })
    }

    /// Where a constructor is named itself at this layer, so that its values stand there bare, without their id.
    pub fn bare_uses(&self, constructor: CombinatorId) -> Vec<Use<'a>> {
        self.uses(
            |term| matches!(term, Term::Bare(id, _) if self.current(*id) == constructor || *id == constructor)
                || matches!(term, Term::BareType(ty, _) if self.schema().result_type(constructor) == Some(*ty)),
        )
    }

    fn uses(&self, is_meant: impl Fn(&Term) -> bool) -> Vec<Use<'a>> {
        let schema: &'a Schema = self.schema();
        let mut uses = Vec::new();
        let own = schema
            .combinators()
            .filter(|(id, combinator)| self.holds(*id) && !combinator.is_prelude);
        for (by, combinator) in own {
            Param::walk(&combinator.params, &mut |param| {
                if names(&param.ty, &is_meant) {
                    uses.push(Use {
                        by,
                        argument: Some(param),
                    });
                }
            });
            let is_used = match (&combinator.result, combinator.kind) {
                // Of its own result a constructor uses only what the type is applied to.
                (Term::Boxed(_, args), CombinatorKind::Constructor) => {
                    args.iter().any(|arg| names(arg, &is_meant))
                }
                (result, _) => names(result, &is_meant),
            };
            if is_used {
                uses.push(Use { by, argument: None });
            }
        }
        uses
    }
}

/// Whether a term is meant or has a part that is; the arguments of a repetition are walked on their own.
fn names(term: &Term, is_meant: &impl Fn(&Term) -> bool) -> bool {
    is_meant(term)
        || match term {
            Term::Boxed(_, args) | Term::Bare(_, args) | Term::BareType(_, args) => {
                args.iter().any(|arg| names(arg, is_meant))
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::{combinator, schema, type_named};

    const TEXT: &str = "
user id:int = User;
chat owner:User admins:Vector<User> = Chat;
link user:user = Link;
pair {t:Type} n:# items:n*[ one:t other:%User ] = Pair t;
---functions---
find link:Link = Vector User;
count user:User = Vector int;
";

    fn shown(schema: &Schema, uses: &[Use<'_>]) -> Vec<String> {
        let show = |one: &Use<'_>| {
            let argument = one.argument.and_then(|param| param.name.as_deref());
            format!(
                "{}.{}",
                schema[one.by].name,
                argument.unwrap_or(if one.argument.is_some() { "_" } else { "=" })
            )
        };
        uses.iter().map(show).collect()
    }

    #[test]
    fn a_type_is_used_boxed_bare_within_others_and_as_a_result() {
        let schema = schema(TEXT);
        let view = schema.view(None);
        assert_eq!(
            shown(&schema, &view.uses_of_type(type_named(&schema, "User"))),
            [
                "chat.owner",
                "chat.admins",
                "link.user",
                "pair.other",
                "find.=",
                "count.user"
            ]
        );
        assert_eq!(view.uses_of_type(type_named(&schema, "Chat")), []);
    }

    #[test]
    fn a_constructor_is_used_where_its_values_stand_bare() {
        let schema = schema(TEXT);
        let uses = schema.view(None).bare_uses(combinator(&schema, "user"));
        assert_eq!(shown(&schema, &uses), ["link.user", "pair.other"]);
    }

    #[test]
    fn a_layer_has_the_users_that_hold_at_it() {
        let schema =
            schema("===1===\na = A; b a:A = B;\n===2===\nb = B; c a:a = C;\n===3===\na x:int = A;");
        let ty = type_named(&schema, "A");
        let at = |layer| shown(&schema, &schema.view(Some(layer)).uses_of_type(ty));
        assert_eq!(at(1), ["b.a"]);
        assert_eq!(at(2), ["c.a"]);
        let newest = schema.view(Some(3));
        let a = newest.current(combinator(&schema, "a"));
        assert_eq!(shown(&schema, &newest.bare_uses(a)), ["c.a"]);
    }
}
